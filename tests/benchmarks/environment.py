"""The baseline's environment: this one's packages, the same torch among them, and lm-evaluation-harness beside them."""

import subprocess
import sys
import sysconfig

from tests.benchmarks.contest import BENCH

LM_EVAL = "0.4.13"


def baseline_python() -> str:
    """Return the baseline's interpreter, making its environment when it is not there."""
    python = BENCH / "venv" / "bin" / "python"
    done = BENCH / "venv" / f"lm_eval-{LM_EVAL}"
    if not done.is_file():
        BENCH.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(BENCH / "venv")], check=True)
        inside = subprocess.run(
            [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        with open(f"{inside}/workbench_environment.pth", "w", encoding="utf-8") as path:
            path.write(sysconfig.get_path("purelib") + "\n")
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"lm_eval=={LM_EVAL}"], check=True)
        done.touch()
    return str(python)


def versions(python: str) -> dict[str, str]:
    """Return the versions an interpreter sees of what is compared."""
    names = ("torch", "transformers", "lm_eval")
    code = (
        "from importlib.metadata import version, PackageNotFoundError as E\n"
        f"for n in {names!r}:\n"
        "    try: print(n, version(n))\n"
        "    except E: print(n, '-')\n"
    )
    output = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout
    return dict(line.split() for line in output.splitlines())
