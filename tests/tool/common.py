# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of rmguest's commands share: running it, and a terminal to run it in."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
RMGUEST = os.environ.get('RMGUEST', os.path.join(TOP, 'build', 'user', 'rmguest'))
GUESTS = os.environ.get('GUESTS', os.path.join(TOP, 'build', 'guests'))
SCHEMAS = os.path.join(TOP, 'user', 'schema')
ESCAPE = '\x1b'


def has_kvm():
    return os.access('/dev/kvm', os.R_OK | os.W_OK)


def wait_until(condition, seconds=10.0):
    """True as soon as it is; False if it is not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class ToolTest(unittest.TestCase):
    """A folder of its own for every test, which also holds the sockets of guests."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='rmguest-test-')
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.environment = {**os.environ, 'RMGUEST_RUNTIME_DIR': self.path('run'),
                            'TERM': 'xterm-256color'}
        self.environment.pop('NO_COLOR', None)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_tool(self, *arguments, **more):
        """The finished process; its output is text."""
        return subprocess.run([RMGUEST, *arguments], capture_output=True, text=True, timeout=60,
                              check=False, env={**self.environment, **more.pop('env', {})}, **more)

    def good(self, *arguments, status=0):
        """What it prints to stdout; fails unless it ends with `status`."""
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def refused(self, *arguments, text):
        """It ends with status 125, says `text` with something to do, and prints nothing else."""
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, 125, done.stdout + done.stderr)
        self.assertIn(text, done.stderr)
        self.assertEqual(done.stdout, '')

    def start(self, *arguments):
        """A process that is killed at the end of the test."""
        process = subprocess.Popen([RMGUEST, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment,
                                   stdin=subprocess.DEVNULL)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        process.kill()
        process.communicate()

    def matches_schema(self, name, text):
        """The JSON document, which the schema of that name allows."""
        import jsonschema  # pylint: disable=import-outside-toplevel
        document = json.loads(text)
        with open(os.path.join(SCHEMAS, f'{name}.schema.json'), encoding='utf-8') as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.validate(document, schema, jsonschema.Draft7Validator)
        return document


class Terminal:
    """A tmux session of its own with one command in it."""

    def __init__(self, test, width, height, command):
        self._socket = test.path('tmux')
        self._environment = {name: value for name, value in test.environment.items()
                             if name != 'TMUX'}
        test.addCleanup(self._tmux, 'kill-server', check=False)
        # The shell stays, so that what is on the screen at the end can be seen.
        self._tmux('-f', '/dev/null', 'new-session', '-d', '-x', str(width), '-y', str(height),
                   f'{command}; echo "[status $?]"; exec cat')

    def _tmux(self, *arguments, check=True):
        return subprocess.run(['tmux', '-S', self._socket, *arguments], capture_output=True,
                              text=True, check=check, env=self._environment, timeout=20).stdout

    def screen(self, colours=False):
        return self._tmux('capture-pane', '-p', *(['-e'] if colours else []))

    def lines(self):
        return self.screen().split('\n')

    def keys(self, *keys):
        self._tmux('send-keys', *keys)

    def resize(self, width, height):
        self._tmux('resize-window', '-x', str(width), '-y', str(height))

    def shows(self, text, seconds=10.0):
        """Whether the text comes to be on the screen."""
        return wait_until(lambda: text in self.screen(), seconds)
