# SPDX-License-Identifier: GPL-2.0-only
"""The build's helpers: what they refuse names the cure, and Kbuild's lists are complete."""

import os
import re
import subprocess
import tempfile
import unittest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))


def run(*command, **environment):
    return subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})


def require(*arguments, **environment):
    return run('/bin/sh', 'scripts/require', *arguments, **environment)


class Make(unittest.TestCase):
    def test_lint_does_all_checks_unless_some_are_named(self):
        # GNU make defines LINT = lint.
        for arguments, last in (((), 'scripts/lint'), (('LINT=sparse',), 'scripts/lint sparse')):
            result = run('make', '-n', 'lint', *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertTrue(result.stdout.rstrip().endswith(last), result.stdout)

    def test_coverage_begins_in_a_tree_where_nothing_is_built(self):
        with tempfile.TemporaryDirectory() as folder:
            build = os.path.join(folder, 'build')
            run('make', 'coverage', 'MAKE=true', f'BUILD={build}')
            self.assertEqual(os.listdir(build), ['coverage.log'])


class Require(unittest.TestCase):
    def assert_stops(self, result, line):
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(result.stderr, f'rmvisor: {line}\n')

    def test_what_is_there_passes_silently(self):
        for arguments in (('command', 'ld', 'g++'), ('header', 'libelf.h')):
            result = require(*arguments)
            self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ''))

    def test_missing_commands_name_their_package(self):
        with tempfile.TemporaryDirectory() as empty:
            for command, package in (('g++', 'g++'), ('nasm', 'nasm'), ('objcopy', 'binutils')):
                self.assert_stops(require('command', command, PATH=empty),
                                  f'{command} not found: apt-get install {package}')

    def test_missing_headers_name_their_package(self):
        self.assert_stops(require('header', 'Zydis/Zydis.h', CXX='false'),
                          '<Zydis/Zydis.h> not found: apt-get install libzydis-dev')

    def test_every_header_of_the_build_has_a_package(self):
        with open(os.path.join(TOP, 'Makefile'), encoding='utf-8') as makefile:
            lists = re.findall(r'scripts/require header (.*)', makefile.read())
        for header in ' '.join(lists).split():
            result = require('header', header, CXX='false')
            self.assertIn('apt-get install lib' if header != 'nlohmann/json.hpp'
                          else 'apt-get install nlohmann-json3-dev', result.stderr)

    def test_missing_kernel_headers_name_their_package(self):
        self.assert_stops(require('kernel', '6.5.0-1-amd64', '/nowhere'),
                          'kernel headers for 6.5.0-1-amd64 not found (/nowhere): '
                          'apt-get install linux-headers-6.5.0-1-amd64')

    def test_a_directory_that_is_no_kernel_is_refused(self):
        self.assert_stops(require('kernel', '', '/nowhere'),
                          '/nowhere is not the build tree of a kernel: '
                          'apt-get install linux-headers-amd64')

    def test_old_kernels_are_refused(self):
        for release in ('5.10.0-30-amd64', '6.0.0-1-amd64', '6.0', '4.19.0-20-amd64'):
            self.assert_stops(require('kernel', release, '/nowhere'),
                              f'kernel {release} is too old: 6.1 is the oldest that rmvisor '
                              'supports')

    def test_install_deps_does_nothing_when_all_is_there(self):
        with tempfile.TemporaryDirectory() as fake:
            query = os.path.join(fake, 'dpkg-query')
            with open(query, 'w', encoding='ascii') as script:
                script.write('#!/bin/sh\necho installed\n')
            os.chmod(query, 0o755)
            result = run('/bin/sh', 'scripts/install-deps', PATH=f"{fake}:{os.environ['PATH']}")
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ''))


class Lists(unittest.TestCase):
    """Kbuild's lists against the sources under kmod/."""

    def setUp(self):
        with open(os.path.join(TOP, 'Kbuild'), encoding='utf-8') as kbuild:
            text = re.sub(r'#.*', '', kbuild.read()).replace('\\\n', ' ')
        self.lists = {}
        for name, value in re.findall(r'^([\w-]+)\s*[+:]?=(.*)$', text, re.M):
            self.lists.setdefault(name, set()).update(re.findall(r'kmod/\S+(?=\.o)', value))

    def sources(self, folders, suffixes):
        found = set()
        for directory, _, files in os.walk(os.path.join(TOP, 'kmod')):
            is_shim = os.path.basename(directory) == 'shim'
            found |= {os.path.relpath(os.path.join(directory, os.path.splitext(name)[0]), TOP)
                      for name in files
                      if os.path.splitext(name)[1] in suffixes and is_shim == (folders == 'shim')}
        return found

    def test_every_source_of_the_shim_is_built(self):
        self.assertEqual(self.lists['shim-y'], self.sources('shim', {'.c'}))

    def test_every_source_of_the_visor_is_built_once(self):
        root, setup = self.lists['visor-y'], self.lists['visor-setup-y']
        self.assertEqual(root & setup, set())
        self.assertEqual(root | setup, self.sources('visor', {'.cpp', '.S'}))


if __name__ == '__main__':
    unittest.main()
