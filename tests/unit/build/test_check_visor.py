# SPDX-License-Identifier: GPL-2.0-only
"""scripts/check-visor refuses each thing that it is there to refuse.

Every case is a source that compiles; it is linked as Kbuild links the visor, and
the check must name the rule, the object and the symbol.
"""

import os
import subprocess
import tempfile
import unittest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
CHECK = os.path.join(TOP, 'scripts', 'check-visor')
LAYOUT = os.path.join(TOP, 'scripts', 'visor.lds')

FLAGS = ['-std=gnu++20', '-O1', '-ffreestanding', '-fno-exceptions', '-fno-rtti', '-fno-pie',
         '-mcmodel=kernel', '-mno-sse', '-fno-asynchronous-unwind-tables', '-fcf-protection=none',
         '-fno-stack-protector', '-fno-threadsafe-statics', '-fno-gnu-unique',
         '-fno-use-cxa-atexit']
ABI = '''
/* shim_in_a_comment() is not one. */
void *shim_alloc_page(unsigned long long *phys);
void shim_free_page(void *page);
'''
ENTRY = 'extern "C" int visor_entry(int x) { return x; }\n'

# rule -> (source of root, more flags, what the message must name)
REFUSED_IN_ROOT = {
    'ftrace': (ENTRY, ['-pg', '-mfentry'], '__fentry__'),
    'sanitizer': ('extern "C" int visor_entry(int *p) { return p[3]; }',
                  ['-fsanitize=kernel-address', '-fno-sanitize-recover',
                   '--param=asan-instrumentation-with-call-threshold=0'], '__asan_load4_noabort'),
    'profiling': (ENTRY, ['--coverage'], '__gcov'),
    'stack-protector': ('void f(char *); void f(char *) {}\n'
                        'extern "C" void visor_entry() { char b[64]; f(b); '
                        'asm volatile("" :: "r"(b) : "memory"); }',
                        ['-fstack-protector-all'], '__stack_chk_fail'),
    'thunk': (ENTRY, ['-mfunction-return=thunk-extern'], '__x86_return_thunk'),
    'operator-new': ('extern "C" int *visor_entry() { return new int; }', [], '_Znwm'),
    'cxx-runtime': ('struct B { virtual int f() = 0; B(); }; B::B() {}', [], '__cxa_pure_virtual'),
    'cxx-library': ('#include <array>\nextern "C" int visor_entry(unsigned i) '
                    '{ std::array<int, 4> a{}; return a.at(i); }', [],
                    '_ZSt24__throw_out_of_range_fmtPKcz'),
    'compiler-runtime': ('extern "C" unsigned __int128 visor_entry(unsigned __int128 a, '
                         'unsigned __int128 b) { return a / b; }', [], '__udivti3'),
    'thread-local': ('thread_local int t; extern "C" int visor_entry() { return t; }', [], '.tbss'),
    'constructor': ('int f(); int f() { asm volatile(""); return 1; }\n'
                    'int g = f(); extern "C" int visor_entry() { return g; }', [], '.init_array'),
    'destructor': ('struct D { ~D() { asm volatile(""); } }; D d;\n'
                   'extern "C" void visor_entry() {}', [], '.fini_array'),
    'exceptions': (ENTRY, ['-fasynchronous-unwind-tables'], '.eh_frame'),
    'patch-site': (ENTRY, ['-fpatchable-function-entry=16,16'], '__patchable_function_entries'),
    'discarded': ('[[gnu::section(".init.text")]] void f() {} '
                  'extern "C" void visor_entry() {}', [], '.init.text'),
    'indirect-branch': ('extern "C" int visor_entry(int (*f)()) { return f() + 1; }', [],
                        'visor_entry: call'),
    'padding': ('asm(".text; ret; .fill 16, 1, 0x90; .globl visor_entry; visor_entry: ret");', [],
                'visor_entry'),
    'root-calls-shim': ('extern "C" void shim_free_page(void *); '
                        'extern "C" void visor_entry() { shim_free_page(nullptr); }', [],
                        'shim_free_page'),
    'weak-undefined': ('extern "C" [[gnu::weak]] int other(); '
                       'extern "C" int visor_entry() { return other(); }', [], 'other'),
    'undefined': ('extern "C" int printk(const char *, ...); '
                  'extern "C" int visor_entry() { return printk("x"); }', [], 'printk'),
    'orphan-section': ('[[gnu::section("elsewhere")]] int x = 1; '
                       'extern "C" int visor_entry() { return ++x; }', [], 'elsewhere'),
}


class CheckVisor(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.directory = scratch.name
        self.abi = self.write('abi.h', ABI)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def compile(self, name, source, flags=()):
        path = os.path.join(self.directory, name)
        subprocess.run(['g++', *FLAGS, *flags, '-c', '-o', path, self.write(name + '.cpp', source)],
                       check=True)
        return path

    def link(self, objects, *flags):
        path = os.path.join(self.directory, 'visor.o')
        subprocess.run(['ld', '-m', 'elf_x86_64', '-r', *flags, '-T', LAYOUT, '-o', path, *objects],
                       check=True)
        return path

    def localize(self, visor):
        subprocess.run(['objcopy', '--wildcard', '--keep-global-symbol=visor_*', visor], check=True)

    def check(self, root, setup=(), group=True, localize=True):
        """(exit status, message) for these objects."""
        visor = self.link([*root, *setup], *(['--force-group-allocation'] if group else []))
        if localize:
            self.localize(visor)
        result = subprocess.run([CHECK, visor, '--abi', self.abi, '--root', *root,
                                 '--setup', *setup], capture_output=True, text=True, check=False)
        return result.returncode, result.stderr

    def assert_refused(self, outcome, rule, what, where):
        status, message = outcome
        self.assertEqual(status, 1, message)
        self.assertRegex(message, rf'(?m)^check-visor: \S*{where}: \[{rule}\] .*')
        self.assertIn(what, message)

    def test_good_objects_pass(self):
        shared = ('template <typename T> [[gnu::noinline]] T twice(T x) '
                  '{ static T calls; return x * 2 + ++calls; }\n'
                  'inline int count = 1;\n'
                  'struct Base { virtual int f() const = 0; };\n')
        root = self.compile('root.o', shared +
                            'extern "C" { void *memset(void *d, int, unsigned long) { return d; } '
                            'int visor_entry(int x) { return twice(x) + ++count; } }')
        setup = self.compile('a.setup.o', shared +
                             'extern "C" { void *shim_alloc_page(unsigned long long *); '
                             'extern char visor_text_start[]; int visor_entry(int);'
                             'int visor_setup(int x) { unsigned long long p; '
                             'return shim_alloc_page(&p) == visor_text_start ? 0 : '
                             'twice(x) + visor_entry(x) + ++count; } }')
        self.assertEqual(self.check([root], [setup]), (0, ''))

    def test_every_rule_refuses(self):
        for rule, (source, flags, what) in REFUSED_IN_ROOT.items():
            with self.subTest(rule=rule):
                obj = self.compile('bad.o', source, flags)
                where = 'visor.o' if rule == 'orphan-section' else 'bad.o'
                self.assert_refused(self.check([obj]), rule, what, where)

    def test_setup_code_obeys_the_same_rules(self):
        root = self.compile('root.o', ENTRY)
        for rule in ('ftrace', 'operator-new', 'constructor', 'indirect-branch', 'patch-site'):
            with self.subTest(rule=rule):
                source, flags, what = REFUSED_IN_ROOT[rule]
                bad = self.compile('bad.setup.o', source.replace('visor_entry', 'visor_bad'), flags)
                outcome = self.check([root], [bad])
                self.assert_refused(outcome, rule, what.replace('visor_entry', 'visor_bad'),
                                    'bad.setup.o')

    def test_root_may_not_need_setup_code(self):
        root = self.compile('root.o', 'int helper(int); '
                            'extern "C" int visor_entry(int x) { return helper(x) + 1; }')
        setup = self.compile('a.setup.o', 'int helper(int); int helper(int x) { return x; }')
        self.assert_refused(self.check([root], [setup]), 'root-needs-setup', '_Z6helperi', 'root.o')

    def test_setup_may_call_only_shim_functions_of_the_abi(self):
        root = self.compile('root.o', ENTRY)
        setup = self.compile('a.setup.o', 'extern "C" void shim_in_a_comment(); '
                             'extern "C" void visor_setup() { shim_in_a_comment(); }')
        self.assert_refused(self.check([root], [setup]), 'unknown-shim', 'shim_in_a_comment',
                            'a.setup.o')

    def test_groups_must_be_resolved(self):
        root = self.compile('root.o', 'template <typename T> [[gnu::noinline]] T twice(T x) '
                            '{ asm volatile(""); return x * 2; }\n'
                            'extern "C" int visor_entry(int x) { return twice(x); }')
        self.assert_refused(self.check([root], group=False), 'comdat-group', 'group', 'visor.o')

    def test_only_visor_names_stay_global(self):
        root = self.compile('root.o', 'extern "C" void *memcpy(void *d, const void *, '
                            'unsigned long) { return d; }' + ENTRY)
        self.assert_refused(self.check([root], localize=False), 'global-symbol', 'memcpy',
                            'visor.o')

    def test_unique_symbols_are_refused(self):
        root = self.compile('root.o', 'template <typename T> struct S { static inline T x = 1; };\n'
                            'extern "C" int visor_entry() { return ++S<int>::x; }',
                            ['-fgnu-unique'])
        self.assert_refused(self.check([root], localize=False), 'unique-symbol', '_ZN1SIiE1xE',
                            'visor.o')


if __name__ == '__main__':
    unittest.main()
