# shellcheck shell=bash
# shellcheck disable=SC2154  # Who sources it sets root.
# Sourced: trees of Debian with drivers that no card is needed for, and how a program runs on one of them.
#
# sid has Mesa with its stand-ins for kernels' drivers (mesa-drm-shim): RADV, NVK, Turnip and Honeykrisp compile there as they would
# for a card, and nothing runs; trixie is what people have installed. Trees are made once and kept in
# ${JOULEMARK_DRIVER_TREES:-${XDG_CACHE_HOME:-~/.cache}/joulemark/drivers}; delete one to have it made anew.

trees=${JOULEMARK_DRIVER_TREES:-${XDG_CACHE_HOME:-$HOME/.cache}/joulemark/drivers}
mirror=${JOULEMARK_DEBIAN_MIRROR:-http://deb.debian.org/debian}

vulkan_packages=(mesa-vulkan-drivers libvulkan1 vulkan-validationlayers)
opencl_packages=(pocl-opencl-icd mesa-opencl-icd ocl-icd-libopencl1)
compiler_packages=(mesa-drm-shim glslc spirv-tools)

# has_tree SUITE: whether it is made, to its end.
has_tree() { [ -e "$trees/$1/drivers-are-here" ]; }

# make_tree SUITE: makes it, unless it is there.
make_tree() {
    local tree=$trees/$1 packages=("${vulkan_packages[@]}" "${opencl_packages[@]}")
    ! has_tree "$1" || return 0
    [ "$1" != sid ] || packages+=("${compiler_packages[@]}")
    say "making a tree of $1 with drivers in $tree, which takes minutes and some GB"
    mkdir -p "$tree"
    if [ ! -e "$tree/etc/os-release" ]; then
        # In a namespace of its own, because debootstrap mounts /proc in the tree.
        unshare --mount debootstrap --variant=minbase "$1" "$tree" "$mirror" >"$trees/$1.log" 2>&1 ||
            stop "debootstrap failed: see $trees/$1.log"
    fi
    # A mirror that stands still is as good here, and what is lost with the power can be made again.
    echo 'Acquire::Check-Valid-Until "false";' >"$tree/etc/apt/apt.conf.d/99joulemark"
    echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/joulemark"
    cp --dereference /etc/resolv.conf "$tree/etc/resolv.conf"
    inside "$1" apt-get update >>"$trees/$1.log" 2>&1 || stop "apt-get update failed: see $trees/$1.log"
    inside "$1" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${packages[@]}" \
        >>"$trees/$1.log" 2>&1 || stop "the drivers cannot be installed: see $trees/$1.log"
    touch "$tree/drivers-are-here"
}

# make_intel: Intel's OpenCL for processors, which PyPI has.
make_intel() {
    local folder=$trees/intel library
    [ ! -e "$folder/vendors/intel.icd" ] || return 0
    say "installing Intel's OpenCL for processors in $folder"
    python3 -m venv "$folder/venv" || stop "python3 -m venv failed: apt-get install python3-venv"
    "$folder/venv/bin/pip" install --quiet intel-opencl-rt intel-cmplr-lib-rt >"$trees/intel.log" 2>&1 ||
        stop "pip failed: see $trees/intel.log"
    library=$(readlink -f "$folder/venv/lib/libintelocl.so") || stop "the package has no libintelocl.so"
    mkdir -p "$folder/vendors"
    echo "$library" >"$folder/vendors/intel.icd"
}

# inside SUITE COMMAND...: runs it in the tree, with this repository and Swift's libraries where they are here. Mounts are made in a
# namespace of their own and end with the command, so that deleting a tree cannot reach through one.
inside() {
    local tree=$trees/$1 swift
    swift=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")")
    shift
    mkdir -p "$tree$root" "$tree$swift"
    # shellcheck disable=SC2016  # The shell in there expands them.
    unshare --mount sh -euc '
        tree=$1 root=$2 swift=$3
        shift 3
        for folder in proc sys dev; do mount --rbind "/$folder" "$tree/$folder"; done
        mount --bind "$root" "$tree$root"
        mount --bind "$swift" "$tree$swift"
        exec chroot "$tree" env -i HOME=/root XDG_RUNTIME_DIR=/tmp LC_ALL=C.UTF-8 \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$tree" "$root" "$swift" "$@"
}

# The drivers that run what they compile: name, where, which backend it is of, and what chooses it.
executing_drivers=(
    "lavapipe-sid sid vulkan VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.json"
    "lavapipe-trixie trixie vulkan VK_DRIVER_FILES=/usr/share/vulkan/icd.d/lvp_icd.json"
    "swiftshader here vulkan VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json"
    "pocl-sid sid opencl OCL_ICD_VENDORS=pocl.icd"
    "pocl-trixie trixie opencl OCL_ICD_VENDORS=pocl.icd"
    "rusticl-sid sid opencl OCL_ICD_VENDORS=rusticl.icd RUSTICL_ENABLE=llvmpipe"
    "rusticl-trixie trixie opencl OCL_ICD_VENDORS=rusticl.icd RUSTICL_ENABLE=llvmpipe"
    "intel here opencl OCL_ICD_VENDORS=$trees/intel/vendors LD_LIBRARY_PATH=$trees/intel/venv/lib"
)

# The devices that Mesa's drivers compile for in sid without having one: name, shim, what tells the shim the model, driver.
compiling_drivers=(
    "vega20 amdgpu AMDGPU_GPU_ID=vega20 radeon"
    "navi21 amdgpu AMDGPU_GPU_ID=navi21 radeon"
    "navi31 amdgpu AMDGPU_GPU_ID=navi31 radeon"
    "gfx1201 amdgpu AMDGPU_GPU_ID=gfx1201 radeon"
    "ampere nouveau NOUVEAU_CHIPSET=172 nouveau"
    "blackwell nouveau NOUVEAU_CHIPSET=1b2 nouveau"
    "adreno740 freedreno FD_GPU_ID=740 freedreno"
    "m1 asahi ASAHI=1 asahi"
)

# on DRIVER COMMAND...: runs it on one of the executing or compiling drivers.
on() {
    local wanted=$1 row name place backend shim chosen
    shift
    for row in "${executing_drivers[@]}"; do
        read -r name place backend chosen <<<"$row"
        [ "$name" = "$wanted" ] || continue
        # shellcheck disable=SC2206  # Some rows have several assignments.
        local environment=(JOULEMARK_TESTS_BACKEND="$backend" $chosen)
        if [ "$place" = here ]; then env "${environment[@]}" "$@"; else inside "$place" env "${environment[@]}" "$@"; fi
        return
    done
    for row in "${compiling_drivers[@]}"; do
        read -r name shim chosen place <<<"$row"
        [ "$name" = "$wanted" ] || continue
        inside sid env "LD_PRELOAD=/usr/lib/x86_64-linux-gnu/lib${shim}_noop_drm_shim.so" "$chosen" \
            "VK_DRIVER_FILES=/usr/share/vulkan/icd.d/${place}_icd.json" MESA_SHADER_CACHE_DISABLE=true "$@"
        return
    done
    stop "unknown driver '$wanted'"
}
