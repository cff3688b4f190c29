# SPDX-License-Identifier: GPL-2.0-only
# What fault.sh forces, and what must come of it. To be sourced: one call for each row.
#
#   at_load NAME ERROR LINE        launch_fault=NAME: what insmod says, what the log says of the CPU
#   gives_up NAME LINE             the CPU goes native; what the log says of it
#   goes_on NAME                   the CPU stays a guest
#
# Errors and lines are extended regular expressions.

load_faults() {
    at_load vmxon 'Input/output error' 'VMXON failed'
    at_load vmclear 'Input/output error' 'refused an access to a VMCS'
    at_load vmptrld 'Input/output error' 'refused an access to a VMCS'
    at_load invept 'Input/output error' 'refused an access to a VMCS.*detail 0x1c'
    at_load vmwrite 'Input/output error' 'refused an access to a VMCS.*detail 0x80007ffe'
    at_load launch-control 'Input/output error' 'VM entry failed.*detail 0x7\).*rule: pin-based'
    at_load launch-host 'Input/output error' 'VM entry failed.*detail 0x8\).*rule: host CR4'
    at_load launch-guest 'Input/output error' \
        'VM entry failed.*detail 0x80000021\).*rule: guest activity state: one that the CPU'
}

run_faults() {
    gives_up unknown-exit 'VM exit without an answer: .*qualification.*runs Linux natively'
    gives_up unexpected-exit 'VM exit without an answer: HLT.*runs Linux natively'
    gives_up vmread 'a VMX instruction failed, error 12, after VMCALL.*runs Linux natively'
    gives_up lost-vmcs 'a VMX instruction failed.*after VMCALL.*runs Linux natively'
    gives_up entry-control 'VM entry failed: pin-based.*instruction error 7.*runs Linux natively'
    gives_up entry-host 'VM entry failed: host CR4.*instruction error 8.*runs Linux natively'
    gives_up entry-guest \
        'VM entry failed: guest interruptibility: not blocking by both.*exit reason 0x80000021'
    gives_up leave-host 'VM entry failed: host CR4.*instruction error 8.*runs Linux natively'
    gives_up leave-guest \
        'VM entry failed: guest pending debug exceptions: res.*exit reason 0x80000021'
    gives_up page-fault 'exception 14 in root at .*CR2 0x1000;.*runs Linux natively'
    gives_up undefined 'exception 6 in root at .*runs Linux natively'
    gives_up second-fault 'exception 14 in root at .*CR2 0x1000;.*runs Linux natively'
    gives_up stack-guard 'exception 14 in root at .*error code 0x2,.*runs Linux natively'
}
