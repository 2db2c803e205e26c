"""Letters to mail: written when they go, sent at least once, recognisable when they come twice."""
