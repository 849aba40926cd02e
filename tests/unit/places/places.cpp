// SPDX-License-Identifier: MIT
//
// Functions in C++ whose places are known: of classes, templates, namespaces without a name, and of functions.
#include "mark.h"

namespace outer {
namespace inner {
struct shape {
    virtual ~shape() = default;
    virtual int corners(int more) {
        MARK("outer::inner::shape::corners");
        return more;
    }
    int visit(int count);
};

// As assembly has braces. Compilers differ in whether DWARF has the name for the linker of a lambda that stands
// nowhere.
#ifdef __clang__
#define LAMBDA "outer::inner::shape::visit(int)::$_0::operator()"
#else
#define LAMBDA "outer::inner::shape::visit::%{lambda%}::operator()"
#endif

int shape::visit(int count) {
    auto each = [](int one) __attribute__((always_inline)) {
        MARK(LAMBDA);
        return one + 3;
    };
    return each(count);
}
} // namespace inner

template <typename T> struct box : inner::shape {
    T value;
    explicit box(T first) : value(first) {
    }
    __attribute__((noinline)) T get(T more) {
        MARK("outer::box<int>::get");
        return value + more;
    }
};

namespace {
__attribute__((noinline)) int hidden(int count) {
    MARK("outer::(anonymous namespace)::hidden");
    return count + 1;
}

inline __attribute__((always_inline)) int inlined(int count) {
    MARK("outer::(anonymous namespace)::inlined");
    return count + 2;
}
} // namespace

int run(int count) {
    struct local {
        __attribute__((noinline)) static int inside(int count) {
            MARK("outer::run(int)::local::inside");
            return count;
        }
    };
    inner::shape *shape = new inner::shape;
    int sum = shape->corners(count) + shape->visit(count) + hidden(count) + inlined(count) + local::inside(count);
    delete shape;
    return sum + box<int>(count).get(count);
}
} // namespace outer

extern "C" __attribute__((noinline)) int plain(int count) {
    MARK("plain");
    return outer::run(count);
}

int main(int count, char **) {
    return plain(count) < 0;
}
