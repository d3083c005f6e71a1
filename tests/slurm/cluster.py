"""A Slurm of one node on loopback, with accounting: real daemons, without systemd, cgroups or /etc.

Needs Debian's slurmctld slurmd slurm-client munge slurmdbd mariadb-server.
"""

import contextlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "mariadbd", "mariadb-install-db", "slurmdbd", "slurmctld", "slurmd", "sbatch")
DEVICES = ("/dev/null", "/dev/zero")  # character devices that stand for two GPUs
SECONDS = 60  # for a daemon to answer

# sacct needs the database, and submitit needs sacct to notice that a job was killed.
SLURM = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={database}
AccountingStoragePass={folder}/munge.socket
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=1
ReturnToService=2
KillWait=5
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 {hardware} Gres=gpu:{gpus} State=UNKNOWN
PartitionName=test Nodes={host} Default=YES DefMemPerCPU=1000 MaxTime=INFINITE State=UP
"""
DATABASE = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost={host}
DbdAddr=127.0.0.1
DbdPort={database}
SlurmUser={user}
PidFile={folder}/slurmdbd.pid
LogFile={folder}/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm
"""


def missing() -> list[str]:
    """The programs that are not installed."""
    return [name for name in PROGRAMS if not find(name)]


def find(name: str) -> str | None:
    """Where a program is, also where daemons are but a user's PATH is not."""
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


@contextlib.contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """The environment in which Slurm's commands reach the cluster; it ends with the block."""
    daemons: list[subprocess.Popen[bytes]] = []
    try:
        yield start(folder, daemons)
    finally:
        kill_jobs(folder)
        stop(daemons)


def start(folder: Path, daemons: list[subprocess.Popen[bytes]]) -> dict[str, str]:
    """Start all daemons as children of this process; the environment that reaches them."""

    def daemon(*command: object, **more: str) -> None:
        program, *options = map(str, command)
        with open(folder / f"{program}.out", "wb") as out:
            daemons.append(
                subprocess.Popen(
                    [find(program) or program, *options], stdin=subprocess.DEVNULL,
                    stdout=out, stderr=out, env=environment | more, start_new_session=True,
                )
            )  # fmt: skip

    environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}
    configure(folder)
    daemon(
        "munged", "--foreground", "--force", f"--key-file={folder}/munge.key",
        f"--socket={folder}/munge.socket", f"--pid-file={folder}/munged.pid",
        f"--log-file={folder}/munged.log", f"--seed-file={folder}/munge.seed",
    )  # fmt: skip
    sql = [f"--datadir={folder}/mysql", f"--user={user()}", "--no-defaults"]
    run([find("mariadb-install-db"), sql[2], *sql[:2], "--auth-root-authentication-method=normal",
         "--skip-test-db"])  # fmt: skip
    daemon("mariadbd", sql[2], *sql[:2], f"--socket={folder}/sql.socket", "--skip-networking",
           f"--pid-file={folder}/mariadbd.pid", "--innodb-buffer-pool-size=64M",
           "--innodb-lock-wait-timeout=900")  # fmt: skip
    client = ["mariadb", "--no-defaults", "-uroot", f"--socket={folder}/sql.socket"]
    until([*client, "-e", "create database if not exists slurm"], environment)
    daemon("slurmdbd", "-D", MYSQL_UNIX_PORT=f"{folder}/sql.socket")
    until(["sacctmgr", "-i", "list", "cluster"], environment)
    run(["sacctmgr", "-i", "-Q", "add", "cluster", "test"], environment)
    daemon("slurmctld", "-D", "-c")
    daemon("slurmd", "-D", "-c")
    until(["sh", "-c", "sinfo -h -o %T | grep -q idle"], environment)
    return environment


def configure(folder: Path) -> None:
    """Write the configuration of every daemon."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    controller, node, database = free_ports(3)
    values = {
        "folder": folder, "host": platform.node().partition(".")[0], "user": user(),
        "hardware": hardware(), "gpus": len(DEVICES),
        "controller": controller, "node": node, "database": database,
    }  # fmt: skip
    (folder / "slurm.conf").write_text(SLURM.format(**values))
    (folder / "slurmdbd.conf").write_text(DATABASE.format(**values))
    (folder / "slurmdbd.conf").chmod(0o600)
    lines = [f"NodeName={values['host']} Name=gpu File={device}" for device in DEVICES]
    (folder / "gres.conf").write_text("\n".join(lines) + "\n")


def hardware() -> str:
    """The node as slurmd sees it, in the terms of slurm.conf; a part of its memory is left."""
    seen = dict(part.split("=", 1) for part in run([find("slurmd"), "-C"]).split() if "=" in part)
    seen["RealMemory"] = str(int(seen["RealMemory"]) * 9 // 10)
    keys = ("CPUs", "Boards", "SocketsPerBoard", "CoresPerSocket", "ThreadsPerCore", "RealMemory")
    return " ".join(f"{key}={seen[key]}" for key in keys if key in seen)


def user() -> str:
    """Who runs the daemons: whoever runs the tests."""
    return run(["id", "-un"]).strip()


def free_ports(number: int) -> list[int]:
    """Ports of loopback that nobody uses."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def run(command: list[str | None], environment: dict[str, str] | None = None) -> str:
    """The output of a command that has to succeed."""
    arguments = [argument or "" for argument in command]
    return subprocess.run(
        arguments, check=True, capture_output=True, text=True, env=environment
    ).stdout


def until(command: list[str], environment: dict[str, str]) -> None:
    """Repeat a command until it succeeds."""
    end = time.monotonic() + SECONDS
    while subprocess.run(command, capture_output=True, env=environment).returncode:
        if time.monotonic() > end:
            raise TimeoutError(f"no answer to {' '.join(command)} within {SECONDS} s")
        time.sleep(0.2)


def kill_jobs(folder: Path) -> None:
    """Kill what still runs; jobs would outlive the daemons."""
    environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}
    quiet = {"env": environment, "capture_output": True, "timeout": 10}
    with contextlib.suppress(subprocess.SubprocessError, OSError, TimeoutError):
        subprocess.run(["scancel", "-p", "test"], check=True, **quiet)  # type: ignore[call-overload]
        until(["sh", "-c", "! squeue -h | grep ."], environment)


def stop(daemons: list[subprocess.Popen[bytes]]) -> None:
    """End the daemons, the last one first."""
    for daemon in reversed(daemons):
        daemon.terminate()
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
