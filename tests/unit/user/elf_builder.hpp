// SPDX-License-Identifier: GPL-2.0-only
//
// Makes small ELF files for tests, well-formed unless the test says otherwise.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace rmguest {

struct ElfSegment {
    std::uint32_t address;
    std::vector<std::uint8_t> bytes;
    std::uint32_t memory_size;
};

class ElfBuilder {
public:
    ElfBuilder() {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS32;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_386;
        header.e_version = EV_CURRENT;
        header.e_ehsize = sizeof(Elf32_Ehdr);
        header.e_phentsize = sizeof(Elf32_Phdr);
        header.e_shentsize = sizeof(Elf32_Shdr);
    }

    // Virtual and physical address are the same; change `headers` for others.
    void add(const ElfSegment& segment) {
        Elf32_Phdr program{};
        program.p_type = PT_LOAD;
        program.p_vaddr = program.p_paddr = segment.address;
        program.p_filesz = static_cast<Elf32_Word>(segment.bytes.size());
        program.p_memsz = segment.memory_size;
        headers.push_back(program);
        contents.push_back(segment.bytes);
    }

    void add_symbol(const std::string& name, std::uint32_t value, unsigned char type = STT_NOTYPE,
                    std::uint16_t section = SHN_ABS) {
        Elf32_Sym symbol{};
        symbol.st_name = static_cast<Elf32_Word>(names.size());
        symbol.st_value = value;
        symbol.st_info = ELF32_ST_INFO(STB_GLOBAL, type);
        symbol.st_shndx = section;
        symbols.push_back(symbol);
        names += name + '\0';
    }

    [[nodiscard]] std::vector<std::uint8_t> build() {
        std::vector<std::uint8_t> file(sizeof(header) + headers.size() * sizeof(Elf32_Phdr));
        header.e_phoff = sizeof(header);
        header.e_phnum = static_cast<Elf32_Half>(headers.size());
        for (std::size_t index = 0; index < headers.size(); ++index) {
            headers[index].p_offset = static_cast<Elf32_Off>(file.size());
            file.insert(file.end(), contents[index].begin(), contents[index].end());
        }
        append_symbols(file);
        std::memcpy(file.data(), &header, sizeof(header));
        if (!headers.empty()) {
            std::memcpy(file.data() + sizeof(header), headers.data(),
                        headers.size() * sizeof(Elf32_Phdr));
        }
        return file;
    }

    Elf32_Ehdr header{};
    std::vector<Elf32_Phdr> headers;

private:
    void append_symbols(std::vector<std::uint8_t>& file) {
        if (symbols.empty()) {
            return;
        }
        Elf32_Shdr sections[3]{};
        file.resize((file.size() + 3) / 4 * 4);
        sections[1].sh_type = SHT_SYMTAB;
        sections[1].sh_offset = append(file, symbols.data(), symbols.size() * sizeof(Elf32_Sym));
        sections[1].sh_size = static_cast<Elf32_Word>(symbols.size() * sizeof(Elf32_Sym));
        sections[1].sh_entsize = sizeof(Elf32_Sym);
        sections[1].sh_link = 2;
        sections[2].sh_type = SHT_STRTAB;
        sections[2].sh_offset = append(file, names.data(), names.size());
        sections[2].sh_size = static_cast<Elf32_Word>(names.size());
        file.resize((file.size() + 3) / 4 * 4);
        header.e_shoff = append(file, sections, sizeof(sections));
        header.e_shnum = 3;
    }

    static Elf32_Off append(std::vector<std::uint8_t>& file, const void* data, std::size_t size) {
        const auto offset = static_cast<Elf32_Off>(file.size());
        const auto* first = static_cast<const std::uint8_t*>(data);
        file.insert(file.end(), first, first + size);
        return offset;
    }

    std::vector<std::vector<std::uint8_t>> contents;
    std::vector<Elf32_Sym> symbols{Elf32_Sym{}};
    std::string names{'\0'};
};

}  // namespace rmguest
