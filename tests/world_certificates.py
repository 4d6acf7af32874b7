"""A certificate of station A that hangs out, and what it rests on."""

from walks_certificates import asked

from models.certificates import Certificate, CertificateLine


def add(cast, keys) -> None:
    row = asked(cast)
    Certificate.move(row.id, "accept", cast.recorder)
    Certificate.move(row.id, "issue", cast.head)
    keys |= {Certificate: row.id, CertificateLine: CertificateLine.get().id}
