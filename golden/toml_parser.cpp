/* SPDX-License-Identifier: MIT
 *
 * toml++ behind include/toml_document.h: its tree is copied into plain structures.
 */
#include "toml_document.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

/* Some assertions of toml++ do not hold for every text: "[[[a]]]" would end the program, where the next line of the
 * parser has an error with its place. */
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>

struct toml_document {
    toml_node root;
    /* What the nodes point to: neither of them moves what is in it. */
    std::deque<std::string> strings;
    std::deque<std::vector<toml_node>> families;
};

namespace {

const char *keep(toml_document &document, std::string_view string) {
    return document.strings.emplace_back(string).c_str();
}

toml_node copy(toml_document &document, const toml::node &from);

bool stands_before(const toml_node &a, const toml_node &b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

/* toml++ has them in the order of their names. */
void copy_table(toml_document &document, const toml::table &from, toml_node &to) {
    std::vector<toml_node> &children = document.families.emplace_back();
    children.reserve(from.size());
    for (const auto &[key, value] : from) {
        toml_node child = copy(document, value);
        child.key = keep(document, key.str());
        child.line = key.source().begin.line;
        child.column = key.source().begin.column;
        children.push_back(child);
    }
    std::stable_sort(children.begin(), children.end(), stands_before);
    to.kind = TOML_TABLE;
    to.count = children.size();
    to.children = children.data();
}

void copy_array(toml_document &document, const toml::array &from, toml_node &to) {
    std::vector<toml_node> &children = document.families.emplace_back();
    children.reserve(from.size());
    for (const toml::node &value : from) {
        children.push_back(copy(document, value));
    }
    to.kind = TOML_ARRAY;
    to.count = children.size();
    to.children = children.data();
}

/* toml++ bounds how deep values may be nested. */
toml_node copy(toml_document &document, const toml::node &from) {
    toml_node to = {};
    to.line = from.source().begin.line;
    to.column = from.source().begin.column;
    if (const toml::table *table = from.as_table()) {
        copy_table(document, *table, to);
    } else if (const toml::array *array = from.as_array()) {
        copy_array(document, *array, to);
    } else if (const auto *string = from.as_string()) {
        to.kind = TOML_STRING;
        to.string.bytes = keep(document, string->get());
        to.string.size = string->get().size();
    } else if (const auto *integer = from.as_integer()) {
        to.kind = TOML_INTEGER;
        to.integer = integer->get();
    } else if (const auto *number = from.as_floating_point()) {
        to.kind = TOML_FLOAT;
        to.number = number->get();
    } else if (const auto *truth = from.as_boolean()) {
        to.kind = TOML_BOOLEAN;
        to.truth = truth->get();
    } else {
        to.kind = TOML_DATE;
    }
    return to;
}

} // namespace

int toml_document_parse(struct toml_document **result, const char *text, size_t size, const char *name, char *problem,
                        size_t problem_size) {
    try {
        const toml::table table = toml::parse(std::string_view(text, size));
        auto document = std::make_unique<toml_document>();
        document->root = copy(*document, table);
        *result = document.release();
        return 0;
    } catch (const toml::parse_error &error) {
        const std::string_view what = error.description();
        snprintf(problem, problem_size, "%s:%u:%u: %.*s", name, static_cast<unsigned>(error.source().begin.line),
                 static_cast<unsigned>(error.source().begin.column), static_cast<int>(what.size()), what.data());
        return -EINVAL;
    } catch (const std::bad_alloc &) {
        return -ENOMEM;
    }
}

const struct toml_node *toml_document_root(const struct toml_document *document) {
    return &document->root;
}

void toml_document_destroy(struct toml_document *document) {
    delete document;
}
