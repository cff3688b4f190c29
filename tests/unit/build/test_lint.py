# SPDX-License-Identifier: GPL-2.0-only
"""The static checks of scripts/lint that are the project's own: each finds what it is there for."""

import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
sys.path.insert(0, os.path.join(TOP, 'scripts'))

from lint import layering, sizes, text, tidy  # noqa: E402  (the path comes first)


class Layering(unittest.TestCase):
    def assert_faulty(self, path, include, quoted=True):
        self.assertIsNotNone(layering.fault(path, quoted, include), (path, include))

    def assert_fine(self, path, include, quoted=True):
        self.assertIsNone(layering.fault(path, quoted, include), (path, include))

    def test_a_layer_includes_itself_and_those_below(self):
        for number, layer in enumerate(layering.LAYERS):
            for other, below in enumerate(layering.LAYERS):
                check = self.assert_fine if other <= number else self.assert_faulty
                check(f'kmod/{layer}/a.cpp', f'{below}/b.hpp')

    def test_the_border_is_all_that_shim_and_visor_share(self):
        self.assert_fine('kmod/vmx/launch.cpp', 'abi.h')
        self.assert_fine('kmod/shim/launch.c', 'abi.h')
        self.assert_faulty('kmod/shim/launch.c', 'vmx/field.hpp')
        self.assert_faulty('kmod/vmx/launch.cpp', 'launch.h')
        self.assert_faulty('kmod/abi.h', 'vmx/field.hpp')

    def test_only_the_shim_includes_the_kernel(self):
        self.assert_fine('kmod/shim/launch.c', 'linux/cpu.h', False)
        self.assert_faulty('kmod/vmx/launch.cpp', 'linux/types.h', False)
        self.assert_faulty('kmod/shim/launch.c', 'stdio.h', False)

    def test_the_visor_is_freestanding(self):
        self.assert_fine('kmod/vmx/launch.cpp', 'optional', False)
        self.assert_faulty('kmod/vmx/launch.cpp', 'vector', False)

    def test_programs_share_facts_only(self):
        self.assert_fine('user/lib/a.cpp', 'exit/reason.hpp')
        self.assert_fine('user/lib/a.cpp', 'linux/rmvisor.h', False)
        self.assert_faulty('user/lib/a.cpp', 'exit/linux_exits.hpp')
        self.assert_faulty('user/lib/a.cpp', 'abi.h')

    def test_an_unknown_folder_is_a_fault(self):
        self.assert_faulty('kmod/other/a.cpp', 'x86/types.hpp')

    def test_includes_are_found(self):
        self.assertEqual(layering.includes('#include <span>\n#  include "a/b.hpp"\n// #include'),
                         [(False, 'span'), (True, 'a/b.hpp')])


class Sizes(unittest.TestCase):
    def test_functions_of_cxx_and_of_the_kernel(self):
        cxx = 'int f(int a) {\n    if (a) {\n        b();\n    }\n    return 0;\n}\n'
        self.assertEqual(sizes.functions(cxx), [(1, 6)])
        kernel = 'static int f(int a)\n{\n\tif (a) {\n\t\tb();\n\t}\n}\n'
        self.assertEqual(sizes.functions(kernel), [(2, 5)])

    def test_what_is_no_function(self):
        for other in ('struct A {\n    int a;\n};\n', 'namespace rmv {\n}\n',
                      'constexpr int a[] = {\n    1,\n};\n', 'enum class A : int {\n    a,\n};\n'):
            self.assertEqual(sizes.functions(other), [], other)


class Text(unittest.TestCase):
    def faults(self, path, content):
        return list(text.faults(path, content))

    def test_a_good_file(self):
        self.assertEqual(self.faults('a.hpp', '// SPDX-License-Identifier: GPL-2.0-only\n'
                                              '#pragma once\n'), [])

    def test_each_fault(self):
        head = '// SPDX-License-Identifier: GPL-2.0-only\n'
        for path, content in (('a.cpp', 'int a;\n'), ('a.hpp', head), ('a.cpp', head + 'int a; \n'),
                              ('a.cpp', head + 'int a;'), ('a.cpp', head + '/' * 101 + '\n')):
            self.assertEqual(len(self.faults(path, content)), 1, content)


class Tidy(unittest.TestCase):
    def setUp(self):
        self.top = self.enterContext(tempfile.TemporaryDirectory())
        self.write('a.cpp', '1')
        self.write('a.hpp', '1')
        self.enterContext(mock.patch.object(tidy.source, 'TOP', self.top))
        self.enterContext(mock.patch.object(tidy, '_KEPT', os.path.join(self.top, 'kept')))
        self.enterContext(mock.patch.object(tidy, '_headers', lambda *_: ['a.cpp', 'a.hpp']))
        self.checks = self.enterContext(mock.patch.object(tidy, '_checks', return_value=['these']))

    def write(self, name, content):
        tidy._hash.cache_clear()  # pylint: disable=protected-access
        with open(os.path.join(self.top, name), 'w', encoding='utf-8') as file:
            file.write(content)

    def is_clean(self, *flags):
        return tidy._Memory('a.cpp', flags).is_clean()  # pylint: disable=protected-access

    def test_a_clean_file_is_looked_at_again_when_anything_of_it_changed(self):
        self.assertFalse(self.is_clean('-I'))
        tidy._Memory('a.cpp', ['-I']).keep()  # pylint: disable=protected-access
        self.assertTrue(self.is_clean('-I'))
        self.assertFalse(self.is_clean('-J'))
        self.write('a.hpp', '2')
        self.assertFalse(self.is_clean('-I'))
        self.write('a.hpp', '1')
        self.assertTrue(self.is_clean('-I'))
        self.checks.return_value = ['others']
        self.assertFalse(self.is_clean('-I'))


class Options(unittest.TestCase):
    def test_none_that_is_unknown_starts_half_an_hour_of_checks(self):
        for words, status in (['--help'], 0), (['-h'], 0), (['--fats'], 2), (['spars'], 2):
            done = subprocess.run([sys.executable, os.path.join(TOP, 'scripts', 'lint'), *words],
                                  capture_output=True, text=True, check=False, timeout=30)
            self.assertEqual((done.returncode, done.stdout.count('ok ')), (status, 0), words)


if __name__ == '__main__':
    unittest.main()
