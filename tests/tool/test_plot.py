# SPDX-License-Identifier: GPL-2.0-only
"""rmguest plot: what gnuplot makes of a trace."""

import os
import shutil
import unittest
from xml.etree import ElementTree

from common import ToolTest
from fake_trace import sample, trace_file


class PlotTest(ToolTest):
    """A recorded trace."""

    def setUp(self):
        super().setUp()
        self.trace = self.path('sample.rmt')
        with open(self.trace, 'wb') as file:
            file.write(trace_file(sample()))

    def texts(self, *arguments):
        """What stands in the picture."""
        picture = self.path('out.svg')
        self.good('plot', self.trace, '-o', picture, *arguments)
        root = ElementTree.parse(picture).getroot()
        self.assertTrue(root.tag.endswith('svg'))
        return ' '.join(''.join(one.itertext()).strip() for one in root.iter()
                        if one.tag.endswith('text'))

    @unittest.skipUnless(shutil.which('gnuplot'), 'no gnuplot: apt-get install gnuplot-nox')
    def test_histogram(self):
        text = self.texts()
        for wanted in ('CPUID (2)', 'I/O instruction (1)', 'HLT (1)', '64', '256'):
            self.assertIn(wanted, text)

    @unittest.skipUnless(shutil.which('gnuplot'), 'no gnuplot: apt-get install gnuplot-nox')
    def test_timeline(self):
        text = self.texts('--timeline')
        for wanted in ('CPU 0', 'CPU 1', 'guest', 'visor', 'user', 'microseconds'):
            self.assertIn(wanted, text)

    @unittest.skipUnless(shutil.which('gnuplot'), 'no gnuplot: apt-get install gnuplot-nox')
    def test_png(self):
        picture = self.path('out.png')
        said = self.good('plot', self.trace, '-o', picture, '--json')
        self.assertEqual(self.matches_schema('plot', said), {'file': picture})
        with open(picture, 'rb') as file:
            self.assertEqual(file.read(8), b'\x89PNG\r\n\x1a\n')
        self.assertGreater(os.path.getsize(picture), 1000)

    @unittest.skipUnless(shutil.which('gnuplot'), 'no gnuplot: apt-get install gnuplot-nox')
    def test_a_picture_that_can_not_be_written_is_a_failure(self):
        self.refused('plot', self.trace, '-o', self.path('no/such/folder.svg'),
                     text='cannot write')
        for name in ('full.svg', 'full.png'):
            os.symlink('/dev/full', self.path(name))
            self.refused('plot', self.trace, '-o', self.path(name), text='No space left')

    def test_without_gnuplot_it_says_what_to_install(self):
        done = self.run_tool('plot', self.trace, '-o', self.path('x.svg'),
                             env={'PATH': self.folder})
        self.assertEqual(done.returncode, 125)
        self.assertIn('apt-get install gnuplot-nox', done.stderr)

    def test_refusals(self):
        self.refused('plot', self.trace, '-o', self.path('x.pdf'), text='neither an SVG nor a PNG')
        self.refused('plot', self.path('nothing'), '-o', self.path('x.svg'), text='No such file')
        with open(self.trace, 'wb') as file:
            file.write(trace_file([]))
        self.refused('plot', self.trace, '-o', self.path('x.svg'), text='nothing to draw')
