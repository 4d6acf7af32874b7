"""What a check answers: a list of findings, never an exception for a person's mistake."""

from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One thing found wrong (or worth a look) and what would be right.

    ``where`` is the field's name in the model; ``says`` is one Chinese sentence.
    A ``warning`` does not stop anything; it is shown and kept. One that a draft may still lack is a warning to it and
    refuses its ``submission``.
    """

    where: str
    says: str
    warning: bool = False
    submission: bool = False


@dataclass(frozen=True)
class Decision(Generic[T]):
    """A value, the sentence that explains it, and the policy version that judged it."""

    value: T
    why: str
    version: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)


def errors(findings: list[Finding]) -> list[Finding]:
    """Those of the findings that refuse; warnings left out."""
    return [finding for finding in findings if not finding.warning]


def held_back(findings: list[Finding]) -> list[Finding]:
    """What refuses a submission, as errors: the errors, and what only a draft may lack."""
    return [
        replace(finding, warning=False, submission=False)
        for finding in findings
        if finding.submission or not finding.warning
    ]
