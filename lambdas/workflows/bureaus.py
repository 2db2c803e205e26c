"""The three credit bureaus. They know the demo applicants; everybody else is scored by what the bureau has on file."""

import hashlib
from collections.abc import Mapping

BUREAUS = ("northern", "harbour", "meridian")
LOWEST, HIGHEST = 300, 850
SLOW = "meridian"
# By the last four digits: approved, denied for credit, approved up to the ceiling of fair credit.
DEMO: Mapping[str, int] = {"1111": 780, "2222": 480, "3333": 640}
_OFFSET: Mapping[str, int] = {"northern": -6, "harbour": 0, "meridian": 4}


class BureauUnavailableError(RuntimeError):
    """The bureau did not answer in time; worth another try."""


def report(bureau: str, ssn_last4: str, applicant: str, attempt: int) -> int:
    """A bureau's score, 300 to 850, the same for the same person at every time.

    Args:
        bureau: one of BUREAUS.
        ssn_last4: four digits.
        applicant: name as on file.
        attempt: which try this is, from 1; the slow bureau answers the second.

    Raises:
        BureauUnavailableError: no answer in time.
    """
    if bureau == SLOW and attempt == 1:
        raise BureauUnavailableError(f"{bureau} did not answer in time")
    known = DEMO.get(ssn_last4)
    if known is not None:
        return known + _OFFSET[bureau]
    digest = hashlib.sha256(f"{applicant.casefold()}/{ssn_last4}".encode()).digest()
    score = LOWEST + int.from_bytes(digest[:4]) % (HIGHEST - LOWEST + 1) + _OFFSET[bureau]
    return min(max(score, LOWEST), HIGHEST)
