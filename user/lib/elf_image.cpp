// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/core.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <memory>

#include "image.hpp"

namespace rmguest {
namespace {

struct ElfCloser {
    void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, ElfCloser>;

using Bytes = std::span<const std::uint8_t>;

constexpr const char* how_to_link = "link it with ld -m elf_i386 (16-bit code goes there too)";

Error bad_elf(const std::string& why, const char* advice = "build the image again") {
    return Error{"the ELF image can't be used: " + why, advice};
}

Outcome check_header(const GElf_Ehdr& header) {
    if (header.e_ident[EI_CLASS] != ELFCLASS32) {
        return bad_elf("it is a 64-bit one", how_to_link);
    }
    if (header.e_ident[EI_DATA] != ELFDATA2LSB) {
        return bad_elf("it is a big-endian one", how_to_link);
    }
    if (header.e_machine != EM_386 && header.e_machine != EM_IAMCU) {
        return bad_elf(fmt::format("it is for machine {}, not for the 80386 (3) or IAMCU (6)",
                                   header.e_machine),
                       how_to_link);
    }
    if (header.e_type != ET_EXEC) {
        return bad_elf(header.e_type == ET_REL ? "it is an object file" : "it is no executable",
                       how_to_link);
    }
    return Done{};
}

bool overlap(const ImageSegment& left, const ImageSegment& right) {
    return left.address < right.address + right.memory_size &&
           right.address < left.address + left.memory_size;
}

Outcome add_segment(Image& image, const GElf_Phdr& header, Bytes file) {
    if (header.p_offset > file.size() || header.p_filesz > file.size() - header.p_offset) {
        return bad_elf(
            fmt::format("the segment at {:#x} reaches past the end of the file", header.p_paddr));
    }
    if (header.p_filesz > header.p_memsz) {
        return bad_elf(fmt::format("the segment at {:#x} has more bytes in the file than in memory",
                                   header.p_paddr));
    }
    const Bytes bytes = file.subspan(header.p_offset, header.p_filesz);
    ImageSegment segment{header.p_paddr, header.p_memsz, {bytes.begin(), bytes.end()}};
    for (const ImageSegment& other : image.segments) {
        if (overlap(segment, other)) {
            return bad_elf(fmt::format("its segments at {:#x} and {:#x} overlap", other.address,
                                       segment.address),
                           "correct the linker script");
        }
    }
    image.segments.push_back(std::move(segment));
    return Done{};
}

Result<std::vector<GElf_Phdr>> load_headers(Elf* elf) {
    std::size_t count = 0;
    if (elf_getphdrnum(elf, &count) != 0) {
        return bad_elf(elf_errmsg(-1));
    }
    std::vector<GElf_Phdr> headers;
    for (std::size_t index = 0; index < count; ++index) {
        GElf_Phdr header{};
        if (gelf_getphdr(elf, static_cast<int>(index), &header) == nullptr) {
            return bad_elf(elf_errmsg(-1));
        }
        if (header.p_type == PT_LOAD && header.p_memsz != 0) {
            headers.push_back(header);
        }
    }
    if (headers.empty()) {
        return bad_elf("it has nothing to load (no PT_LOAD segment)", how_to_link);
    }
    return headers;
}

// Symbols and e_entry are virtual addresses; segments go to their physical ones.
std::uint64_t physical_address(const std::vector<GElf_Phdr>& headers, std::uint64_t address) {
    for (const GElf_Phdr& header : headers) {
        if (address >= header.p_vaddr && address - header.p_vaddr < header.p_memsz) {
            return header.p_paddr + (address - header.p_vaddr);
        }
    }
    return address;
}

void add_symbols_of(Image& image, Elf* elf, Elf_Scn* section, const GElf_Shdr& header,
                    const std::vector<GElf_Phdr>& headers) {
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr || header.sh_entsize == 0) {
        return;
    }
    const auto count = static_cast<int>(data->d_size / header.sh_entsize);
    for (int index = 0; index < count; ++index) {
        GElf_Sym symbol{};
        if (gelf_getsym(data, index, &symbol) == nullptr) {
            return;
        }
        const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
        const auto type = GELF_ST_TYPE(symbol.st_info);
        const bool is_place = type == STT_NOTYPE || type == STT_FUNC || type == STT_OBJECT;
        if (name != nullptr && *name != '\0' && is_place && symbol.st_shndx != SHN_UNDEF) {
            image.symbols.push_back({name, physical_address(headers, symbol.st_value)});
        }
    }
}

// An image without symbols, or with a damaged symbol table, still runs.
void add_symbols(Image& image, Elf* elf, const std::vector<GElf_Phdr>& headers) {
    for (Elf_Scn* section = elf_nextscn(elf, nullptr); section != nullptr;
         section = elf_nextscn(elf, section)) {
        GElf_Shdr header{};
        if (gelf_getshdr(section, &header) != nullptr && header.sh_type == SHT_SYMTAB) {
            add_symbols_of(image, elf, section, header, headers);
        }
    }
}

}  // namespace

Result<Image> parse_elf(std::span<const std::uint8_t> file) {
    elf_version(EV_CURRENT);
    // libelf takes char*, and does not write to it: nothing here asks for an update.
    std::vector<char> copy(file.begin(), file.end());
    const ElfHandle elf(elf_memory(copy.data(), copy.size()));
    GElf_Ehdr header{};
    if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF ||
        gelf_getehdr(elf.get(), &header) == nullptr) {
        return bad_elf("its header is damaged or cut off");
    }
    if (const auto checked = check_header(header); !checked) {
        return checked.error();
    }
    const auto headers = load_headers(elf.get());
    if (!headers) {
        return headers.error();
    }
    Image image{.segments = {},
                .symbols = {},
                .entry = physical_address(*headers, header.e_entry),
                .is_elf = true};
    for (const GElf_Phdr& load : *headers) {
        if (const auto added = add_segment(image, load, file); !added) {
            return added.error();
        }
    }
    add_symbols(image, elf.get(), *headers);
    return image;
}

}  // namespace rmguest
