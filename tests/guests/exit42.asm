; SPDX-License-Identifier: GPL-2.0-only
;
; Exits with status 42 by port F4h.
%include "guest.inc"

    exit 42
