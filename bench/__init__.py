"""The figures of the product, measured as ratios within one run. ``python -m bench`` runs all of them."""
