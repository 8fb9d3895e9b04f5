"""The first instructions: from the loader's hands to `kernel_main` at its linked address.

The image starts with the header of the Linux/AArch64 boot protocol, so a loader that knows it
passes the device tree in x0; QEMU's ELF loader passes 0 and leaves the tree at the start of RAM.
Entered at EL1 or EL2 with the MMU off. Everything up to the jump runs at physical addresses, so it
uses PC-relative ones only.
"""

from __future__ import annotations

from bare import export
from bare.unsafe import asm, naked, section
from kernel.arch.aarch64.boot_tables import make_boot_tables
from kernel.arch.aarch64.vectors import exception_vectors

USED_BY_TEMPLATES = (make_boot_tables, exception_vectors)
"""What the instructions below name by its symbol."""


@export("image_header")
@section(".text.header")
@naked
def image_header() -> None:
    """The header: a branch, then the 64 bytes that loaders look at."""
    # SAFETY: the branch skips the data.
    asm("""
        b kernel_start
        .word 0
        .quad 0x200000
        .quad image_size
        .quad 2
        .quad 0
        .quad 0
        .quad 0
        .word 0x644d5241
        .word 0
    """)


@export("kernel_start")
@section(".text.boot")
@naked
def kernel_start() -> None:
    """Goes to EL1, clears .bss, makes the boot page tables, turns the MMU on, and jumps high.

    x19 keeps the device tree's address, x20 the counter at entry.
    """
    # SAFETY: runs once, alone, before any other code.
    asm("""
        msr daifset, #15
        mov x19, x0
        mrs x1, CurrentEL
        cmp x1, #8
        b.ne 2f
        mov x1, #0x80000000
        msr hcr_el2, x1
        mov x1, #3
        msr cnthctl_el2, x1
        msr cntvoff_el2, xzr
        mov x1, #0x33ff
        msr cptr_el2, x1
        msr hstr_el2, xzr
        msr vttbr_el2, xzr
        mrs x1, midr_el1
        msr vpidr_el2, x1
        mrs x1, mpidr_el1
        msr vmpidr_el2, x1
        mrs x1, id_aa64pfr0_el1
        ubfx x1, x1, #24, #4
        cbz x1, 1f
        mrs x1, S3_4_C12_C9_5
        orr x1, x1, #1
        orr x1, x1, #8
        msr S3_4_C12_C9_5, x1
        isb
        msr S3_4_C12_C11_0, xzr
    1:  mov x1, #0x0800
        movk x1, #0x30d0, lsl #16
        msr sctlr_el1, x1
        mov x1, #0x3c5
        msr spsr_el2, x1
        adr x1, 2f
        msr elr_el2, x1
        eret
    2:  isb
        mrs x20, cntvct_el0
        mov x1, #0x0800
        movk x1, #0x30d0, lsl #16
        msr sctlr_el1, x1
        isb
        adrp x1, bss_start
        add x1, x1, :lo12:bss_start
        adrp x2, bss_end
        add x2, x2, :lo12:bss_end
    3:  stp xzr, xzr, [x1], #16
        cmp x1, x2
        b.lo 3b
        adrp x1, boot_stack_top
        add sp, x1, :lo12:boot_stack_top
        mov x29, xzr
        mov x30, xzr
        mov x0, x19
        bl make_boot_tables
        mov x19, x0
        ldr x1, =kernel_high
        adrp x2, boot_tables
        add x2, x2, :lo12:boot_tables
        bl turn_mmu_on
        br x1
    """)


@export("turn_mmu_on")
@section(".text.boot")
@naked
def turn_mmu_on() -> None:
    """Sets the translation registers and turns the MMU on. Arm ARM DDI 0487, D17.2.

    x2 holds the boot tables: the user's root (which maps this code one to one) first, the kernel's
    behind it. MAIR_EL1 as `pte.MEMORY_ATTRIBUTES`; TCR_EL1: two halves of 48 bits, 4 KiB granules,
    walks inner shareable and write-back, physical size and ASID size as the CPU has them.
    """
    # SAFETY: the code is mapped one to one, so it goes on behind the switch; x0, x1, x19, x20
    # survive.
    asm("""
        mov x3, #0x04ff
        msr mair_el1, x3
        msr ttbr0_el1, x2
        add x3, x2, #8192
        msr ttbr1_el1, x3
        mov x3, #0x3510
        movk x3, #0xb510, lsl #16
        mrs x4, id_aa64mmfr0_el1
        and x5, x4, #0xf
        cmp x5, #5
        mov x6, #5
        csel x5, x5, x6, lo
        bfi x3, x5, #32, #3
        ubfx x5, x4, #4, #4
        cmp x5, #2
        cset x5, eq
        bfi x3, x5, #36, #1
        msr tcr_el1, x3
        mov x3, #0x300000
        msr cpacr_el1, x3
        mov x3, #2
        msr cntkctl_el1, x3
        msr mdscr_el1, xzr
        tlbi vmalle1
        ic iallu
        dsb nsh
        isb
        mov x3, #0xd81d
        movk x3, #0x34d5, lsl #16
        mrs x4, id_aa64mmfr1_el1
        ubfx x4, x4, #20, #4
        cbz x4, 1f
        bic x3, x3, #0x800000
    1:  msr sctlr_el1, x3
        isb
        ret
    """)


@export("kernel_high")
@section(".text.boot")
@naked
def kernel_high() -> None:
    """The first code at its linked address: vectors, stack, PAN, then `kernel_main(tree,
    counter)`.
    """
    # SAFETY: the boot stack is in the data that the boot tables map; 0xd500419f is MSR PAN, #1.
    asm("""
        ldr x1, =exception_vectors
        msr vbar_el1, x1
        isb
        mrs x1, id_aa64mmfr1_el1
        ubfx x1, x1, #20, #4
        cbz x1, 1f
        .inst 0xd500419f
    1:  ldr x1, =boot_stack_top
        mov sp, x1
        mov x29, xzr
        mov x30, xzr
        mov x0, x19
        mov x1, x20
        bl kernel_main
        brk #0x550a
        .ltorg
    """)
