"""The baselines' environments: this one's packages, the same torch among them, and what is compared beside them."""

import subprocess
import sys
import sysconfig

from tests.benchmarks.contest import BENCH

LM_EVAL = "0.4.13"
TRL_WITH_PPO = "1.12.0"


def baseline_python() -> str:
    """Return the interpreter of scoring and chains, with lm-evaluation-harness."""
    return _python("venv", f"lm_eval=={LM_EVAL}")


def ppo_python() -> str:
    """Return the interpreter of PPO, with the last TRL that had a PPOTrainer; what it needs is in this environment."""
    return _python("ppo", f"trl=={TRL_WITH_PPO}", "--no-deps")


def _python(name: str, package: str, *options: str) -> str:
    """Return an environment's interpreter, making it when it is not there."""
    place = BENCH / name
    python = place / "bin" / "python"
    done = place / package.replace("==", "-")
    if not done.is_file():
        BENCH.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        inside = subprocess.run(
            [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        with open(f"{inside}/workbench_environment.pth", "w", encoding="utf-8") as path:
            path.write(sysconfig.get_path("purelib") + "\n")
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *options, package], check=True)
        done.touch()
    return str(python)


def versions(python: str) -> dict[str, str]:
    """Return the versions an interpreter sees of what is compared."""
    names = ("torch", "transformers", "lm_eval", "trl")
    code = (
        "from importlib.metadata import version, PackageNotFoundError as E\n"
        f"for n in {names!r}:\n"
        "    try: print(n, version(n))\n"
        "    except E: print(n, '-')\n"
    )
    output = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout
    return dict(line.split() for line in output.splitlines())
