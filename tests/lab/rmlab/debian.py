# SPDX-License-Identifier: GPL-2.0-only
"""Debian's kernels: from a short name to an unpacked package in the cache."""

import json
import os
import re
import subprocess
import tempfile
from dataclasses import asdict, dataclass

from . import cache, debug_kernel
from .errors import LabError
from .tools import tool

# The short names, with the metapackage whose dependency is the newest kernel of that kind.
METAPACKAGES = {
    '6.1-cloud': 'linux-image-cloud-amd64',
    '6.1-amd64': 'linux-image-amd64',
    '6.1-rt': 'linux-image-rt-amd64',
    '6.12-cloud': 'linux-image-6.12-cloud-amd64',
    '6.12-amd64': 'linux-image-6.12-amd64',
}
NAMES = (*METAPACKAGES, *debug_kernel.FRAGMENTS)
_CACHE = 'kernels'
_APT_LISTS = '/var/lib/apt/lists'
RELEASE = re.compile(r'\d+\.\d+[\w.+~-]*-(?:cloud-|rt-)?amd64')


@dataclass(frozen=True)
class KernelPackage:
    """A versioned Debian kernel package."""
    package: str
    version: str

    @property
    def release(self):
        """What `uname -r` says in it, and what its headers package is called after."""
        return self.package.removeprefix('linux-image-').removesuffix('-unsigned')


@dataclass(frozen=True)
class Kernel:
    """An unpacked kernel package."""
    package: KernelPackage
    directory: str

    @property
    def release(self):
        return self.package.release

    @property
    def image(self):
        return os.path.join(self.directory, 'boot', f'vmlinuz-{self.release}')

    @property
    def modules(self):
        return os.path.join(self.directory, 'lib', 'modules', self.release)


def parse_show(text):
    """(version, {dependency: version}) of the first stanza of `apt-cache show`, or None."""
    stanza = text.split('\n\n', 1)[0]
    fields = dict(re.findall(r'^([\w-]+): (.*)$', stanza, re.MULTILINE))
    if 'Version' not in fields:
        return None
    depends = re.findall(r'([\w.+-]+)(?: \(= ([^)]+)\))?', fields.get('Depends', ''))
    return fields['Version'], dict(depends)


def _show(package):
    result = subprocess.run([tool('apt-cache'), 'show', '--no-all-versions', package],
                            capture_output=True, text=True, check=False)
    return parse_show(result.stdout)


def _lists_stamp():
    """Changes whenever `apt-get update` brings something new."""
    return os.stat(_APT_LISTS).st_mtime_ns if os.path.isdir(_APT_LISTS) else 0


def resolve(kernel):
    """The package that a short name or a release such as 6.1.0-56-cloud-amd64 stands for.

    apt-cache takes a second or more, so its answer is kept until apt's lists change.
    """
    answer = os.path.join(cache.directory(_CACHE), f'.resolved-{kernel}.json')
    try:
        with open(answer, encoding='ascii') as file:
            kept = json.load(file)
        if kept['stamp'] == _lists_stamp():
            kind = debug_kernel.DebugPackage if kernel in debug_kernel.FRAGMENTS else KernelPackage
            return kind(kept['package'], kept['version'])
    except (OSError, ValueError, KeyError):
        pass
    package = _ask_apt(kernel)
    os.makedirs(cache.directory(_CACHE), exist_ok=True)
    with tempfile.NamedTemporaryFile('w', dir=cache.directory(_CACHE), delete=False) as file:
        json.dump({'stamp': _lists_stamp(), **asdict(package)}, file)
    os.rename(file.name, answer)
    return package


def _ask_apt(kernel):
    if kernel in debug_kernel.FRAGMENTS:
        return _ask_for_source(kernel)
    if kernel not in METAPACKAGES and not RELEASE.fullmatch(kernel):
        raise LabError(f"--kernel {kernel}: unknown; give one of {', '.join(NAMES)} "
                       'or a release such as 6.1.0-56-cloud-amd64')
    found = _show(METAPACKAGES.get(kernel, f'linux-image-{kernel}'))
    if found is None:
        return _newest_cached(kernel)
    if kernel not in METAPACKAGES:
        return KernelPackage(f'linux-image-{kernel}', found[0])
    package = next(name for name in found[1] if name.startswith('linux-image-'))
    return KernelPackage(package, found[1][package])


def _ask_for_source(kernel):
    found = _show(debug_kernel.SOURCE)
    if found is None:
        raise LabError(f'--kernel {kernel}: apt knows no {debug_kernel.SOURCE}: '
                       "run 'apt-get update'")
    return debug_kernel.DebugPackage(kernel, found[0])


def _version_key(name):
    return [int(part) if part.isdigit() else part for part in re.split(r'(\d+)', name)]


def _newest_cached(kernel):
    """The cache's best answer when apt knows nothing, as on a machine without a network."""
    pattern = re.escape(f'linux-image-{kernel}')
    if kernel in METAPACKAGES:
        series, _, flavour = kernel.partition('-')
        flavour = {'cloud': 'cloud-amd64', 'rt': 'rt-amd64', 'amd64': 'amd64'}[flavour]
        pattern = rf'linux-image-{re.escape(series)}\.[\d.]+(?:-\d+|\+deb\w+)-{flavour}'
    root = cache.directory(_CACHE)
    names = os.listdir(root) if os.path.isdir(root) else []
    names = [name for name in names if re.fullmatch(pattern + r'_[^_]+', name)]
    if not names:
        raise LabError(f"apt knows no kernel package for '{kernel}': run 'apt-get update', and "
                       'check that the sources bookworm and bookworm-security are enabled')
    package, _, version = max(names, key=_version_key).rpartition('_')
    return KernelPackage(package, version)


def fetch(kernel, say=lambda text: None):
    """The unpacked kernel, downloaded first when the cache does not have it."""
    package = resolve(kernel)
    if kernel in debug_kernel.FRAGMENTS:
        return Kernel(package, debug_kernel.fetch(package, say))

    def fill(tree, downloads):
        say(f'downloading {package.package} {package.version}')
        cache.apt_get(['download', f'{package.package}={package.version}'], downloads)
        say(f'unpacking {package.package} {package.version}')
        cache.unpack_all(downloads, tree)

    return Kernel(package, cache.kept(_CACHE, f'{package.package}_{package.version}', fill))
