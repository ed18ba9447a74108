"""Make `.venv` and put exactly the locked packages into it; run by `make`, with any Python 3.

Written for old interpreters too, so that a wrong Python gets one clear sentence and no traceback.
"""

import os
import subprocess
import sys

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(HOME, ".venv")
PYTHON = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python")


def main():
    """Check the interpreter, make the environment, install the lock, then this package."""
    if sys.version_info < (3, 11):
        sys.exit(
            "kafkabook needs Python 3.11 or later and was given {}.{}; "
            "name another one with: make PYTHON=/path/to/python3.11".format(*sys.version_info[:2])
        )
    make_environment()
    print(
        "Installing about 180 locked packages; the first time this takes one to two minutes.",
        flush=True,
    )
    pip("install", "--require-hashes", "--progress-bar", "on", "-r", "requirements.lock")
    pip("install", "--no-deps", "--no-build-isolation", "--quiet", "--editable", ".")
    print("Installed into .venv.", flush=True)


def make_environment():
    """Create the virtual environment, or say which system package is missing."""
    if os.path.exists(PYTHON):
        return
    done = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if done.returncode:
        sys.exit(
            "Python could not make a virtual environment; on Debian and Ubuntu run "
            "'apt install python3-venv' and try again.\n" + done.stdout[-500:]
        )


def pip(*words):
    """Run pip in the environment, visibly; stop at its first failure."""
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", *words]
    code = subprocess.run(command, cwd=HOME).returncode
    if code:
        sys.exit("pip could not install the locked packages; its message stands above.")


if __name__ == "__main__":
    main()
