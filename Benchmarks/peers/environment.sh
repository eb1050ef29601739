# shellcheck shell=bash
# The virtual environment that has the peers, for `run` of this folder and of ../models: sets `environment`, its folder,
# and makes it where it is not there. Wants `root`, and scripts/setup.sh sourced.
requirements=${root:?}/Benchmarks/peers/requirements.txt

# The folder's name carries the requirements, so that other ones make another environment.
environment=$root/.build/peers/$(sha256sum "$requirements" | cut -c1-16)

set_up() {
    [ ! -e "$environment/complete" ] || return 0
    python3 -c 'import venv, ensurepip' 2>/dev/null || install_packages python3-venv
    rm -rf "$environment"
    python3 -m venv "$environment" || stop "python3 makes no virtual environment: apt-get install python3-venv"
    local install=("$environment/bin/python" -m pip install --quiet --requirement "$requirements")
    say "running ${install[*]}"
    if ! "${install[@]}" </dev/null >&2; then
        say "PyTorch for processors alone is not among the configured sources; trying PyTorch's own index"
        "${install[@]}" --extra-index-url https://download.pytorch.org/whl/cpu </dev/null >&2 ||
            stop "the packages of $requirements could not be installed"
    fi
    touch "$environment/complete"
}

program=${JOULEMARK:-}
if [ -z "$program" ]; then
    program=$root/.build/release/joulemark
    is_current "$root" || "$root/joulemark" --version >/dev/null
fi
locked "$root" set_up
