"""The one exception that a move raises when it will not be done."""

from rules.findings import Finding, errors


class Refusal(Exception):
    """A move was refused; ``findings`` say where and why in Chinese, for the person who asked."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = list(findings)
        super().__init__("；".join(f.says for f in findings))


class NotFound(Refusal):
    """No such row, or not one that this actor may know of: the answer is the same for both."""

    def __init__(self) -> None:
        super().__init__(Finding("", "没有找到这一条，可能已被移走，或不在您的工作范围内。"))


def refuse(says: str, where: str = "") -> Refusal:
    """A refusal of one sentence, to be raised."""
    return Refusal(Finding(where, says))


def refuse_if(findings: list[Finding]) -> None:
    """Raise ``Refusal`` when any finding is an error; warnings pass."""
    if wrong := errors(findings):
        raise Refusal(*wrong)
