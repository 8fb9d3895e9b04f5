"""ELF64 as far as a static program needs it. System V ABI, chapters 4 and 5; ELF for AArch64."""

from bare import Array, array, struct, u8, u16, u32, u64

ELF_MAGIC: bytes = b"\x7fELF"
ELF_CLASS_64: u8 = 2
ELF_DATA_LITTLE: u8 = 1
ELF_VERSION: u32 = 1
ET_EXEC: u16 = 2
ET_DYN: u16 = 3
EM_AARCH64: u16 = 183

PT_LOAD: u32 = 1
PT_DYNAMIC: u32 = 2
PT_INTERP: u32 = 3
PT_GNU_STACK: u32 = 0x6474_E551

PF_X: u32 = 1
PF_W: u32 = 2
PF_R: u32 = 4


@struct(size=64, packed=True)
class ElfHeader:
    """`Elf64_Ehdr`."""

    magic: Array[u8] = array(4)
    file_class: u8 = 0
    data: u8 = 0
    identity_version: u8 = 0
    os_abi: u8 = 0
    padding: Array[u8] = array(8)
    kind: u16 = 0
    machine: u16 = 0
    version: u32 = 0
    entry: u64 = 0
    program_offset: u64 = 0
    section_offset: u64 = 0
    flags: u32 = 0
    header_size: u16 = 0
    program_entry_size: u16 = 0
    program_count: u16 = 0
    section_entry_size: u16 = 0
    section_count: u16 = 0
    section_names: u16 = 0


@struct(size=56, packed=True)
class ProgramHeader:
    """`Elf64_Phdr`."""

    kind: u32 = 0
    flags: u32 = 0
    offset: u64 = 0
    address: u64 = 0
    physical_address: u64 = 0
    file_size: u64 = 0
    memory_size: u64 = 0
    alignment: u64 = 0
