# SPDX-License-Identifier: GPL-2.0-only
"""How a line of the visor can be wrong: operators, constants and conditions, one change at a time.

The sources are clang-formatted, so that a binary operator stands between blanks, and a reference, a
template's bracket or a pointer does not.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One changed line."""
    path: str
    line: int      # from 1
    kind: str
    before: str
    after: str

    def key(self):
        """What names it whatever is above it in the file."""
        return f'{self.path}: {self.before.strip()} => {self.after.strip()}'


_BINARY = {
    '==': '!=', '!=': '==', '<': '<=', '<=': '<', '>': '>=', '>=': '>', '&&': '||', '||': '&&',
    '&': '|', '|': '&', '^': '|', '<<': '>>', '>>': '<<', '+': '-', '-': '+', '*': '+', '/': '*',
    '%': '/', '|=': '&=', '&=': '|=', '+=': '-=', '-=': '+=',
}
_OPERATOR = re.compile(r'(?<= )(' + '|'.join(
    re.escape(one) for one in sorted(_BINARY, key=len, reverse=True)) + r')(?= |$)')
_NUMBER = re.compile(r'(?<![\w.\'"\\])(0x[0-9a-fA-F\']+|\d[\d\']*)(?=[uU]?(?:ll|LL)?\b)')
_NOT = re.compile(r'(?<=[ (!])!(?=[\w(])')
_COMPLEMENT = re.compile(r'~(?=[\w(])')
_BOOL = re.compile(r'\b(true|false)\b')
_CONDITION = re.compile(r'\b(if|while) \((.*)\)( \{| .*;)?$')
_CALL = re.compile(r'^\s+[\w:.>\-\[\]]+\(.*\);$')
_SKIP = re.compile(r'^\s*(#|//|/?\*|template|using |namespace |static_assert|\[\[|friend )')


def _code(line):
    """The line without its comment and strings (blanked, so that places stay)."""
    line = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: '"' + ' ' * (len(found.group()) - 2) + '"',
                  line)
    line = re.sub(r'/\*.*?\*/', lambda found: ' ' * len(found.group()), line)
    return line.split('//')[0].split('/*')[0].rstrip()


def _changes(line):
    code = _code(line)
    for found in _OPERATOR.finditer(code):
        yield 'operator', found.span(), _BINARY[found.group()]
    for found in _NUMBER.finditer(code):
        text = found.group().replace("'", '')
        value = int(text, 0) + 1
        yield 'constant', found.span(), hex(value) if text.startswith('0x') else str(value)
    for found in _NOT.finditer(code):
        yield 'condition', found.span(), ''
    for found in _COMPLEMENT.finditer(code):
        yield 'operator', found.span(), ''
    for found in _BOOL.finditer(code):
        yield 'constant', found.span(), 'false' if found.group() == 'true' else 'true'
    condition = _CONDITION.search(code)
    # `if (!a)` has its mutant from the `!` already.
    if condition and not re.fullmatch(r'![\w.>\-]+', condition.group(2)) and \
            condition.group(2).count('(') == condition.group(2).count(')'):
        yield 'condition', condition.span(2), f'!({condition.group(2)})'
    if _CALL.match(code) and not re.match(r'^\s+(return|RMV_TRY)\b', code):
        yield 'statement', (len(code) - len(code.lstrip()), len(code)), ';'


def mutants_of(path, text):
    """All mutants of a source's text, in its order."""
    found = []
    in_asm = False
    for number, line in enumerate(text.splitlines(), 1):
        in_asm = in_asm or 'asm' in line
        if not in_asm and not _SKIP.match(line):
            for kind, (begin, end), replacement in _changes(line):
                after = line[:begin] + replacement + line[end:]
                if after != line:
                    found.append(Mutant(path, number, kind, line, after))
        if in_asm and ';' in line:
            in_asm = False
    return found
