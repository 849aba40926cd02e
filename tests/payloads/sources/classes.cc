// SPDX-License-Identifier: MIT
// Marked calls (marks.h) of C++: methods, templates, lambdas, and what exceptions lead to.
#include "marks.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#define MARK_OF(number, function, how, callers, call) MARK_AS(number, function, how, callers, "", call)

namespace {
APART void hidden() {
    MARK_OF(1, "(anonymous namespace)::hidden", "anonymous namespace", "main", CLOSE(1));
}
} // namespace

namespace shapes {

class circle {
  public:
    APART circle() {
        MARK_OF(2, "shapes::circle::circle", "constructor", "main", CLOSE(2));
    }
    APART ~circle() {
        MARK_OF(3, "shapes::circle::~circle", "destructor while an exception passes", "main", CLOSE(3));
    }
    APART void draw(int times) const {
        MARK_OF(4 + times, "shapes::circle::draw", "method", "main", CLOSE(4 + times));
    }
    APART static void name() {
        MARK_OF(5, "shapes::circle::name", "static method", "main", CLOSE(5));
    }
    APART bool operator<(const circle &other) const {
        MARK_OF(6, "shapes::circle::operator<", "operator", "main", CLOSE(6));
        return this < &other;
    }
};

struct figure {
    virtual void show() = 0;
    virtual ~figure() = default;
};

struct square : figure {
    APART void show() override {
        MARK_OF(7, "shapes::square::show", "virtual method", "main", CLOSE(7));
    }
};

template <typename T> struct box {
    APART void open() {
        MARK_OF(8, "shapes::box<int>::open", "method of a template", "main", CLOSE(8));
    }
};

template <int N> APART void times() {
    MARK_OF(N, N == 9 ? "shapes::times<9>" : "shapes::times<10>", "template", "main", CLOSE(N));
}

WITHIN void within() {
    MARK_AS(11, "shapes::within", "inlined", "shapes::around main", INLINED, CLOSE(11));
}

APART void around() {
    within();
    STAYS();
}

APART void thrower() {
    throw std::runtime_error("thrown");
}

APART void catcher() {
    try {
        circle passed;
        thrower();
    } catch (const std::exception &) {
        MARK_OF(12, "shapes::catcher", "catch block", "main", CLOSE(12));
    }
    MARK_OF(13, "shapes::catcher", "behind a catch block", "main", CLOSE(13));
}

} // namespace shapes

APART static void of_thread(int number) {
    MARK_OF(number, "of_thread", "std::thread", "", CLOSE(number));
}

APART static bool smaller(int left, int right) {
    static bool done;
    if (!done) {
        done = true;
        MARK_OF(15, "smaller", "called by std::sort", "sorting main", CLOSE(15));
    }
    return left < right;
}

APART static void sorting() {
    std::vector<int> numbers{3, 1, 2};
    std::sort(numbers.begin(), numbers.end(), smaller);
    STAYS();
}

APART static void called(const std::function<void(int)> &function) {
    function(16);
    STAYS();
}

APART static void lambdas() {
    called([](int number) {
        MARK_OF(number, "lambdas()::{lambda(int)#1}::operator()", "lambda", "called lambdas main", CLOSE(number));
    });
    STAYS();
}

APART static void streaming() {
    std::ofstream stream("/dev/null");
    stream << "mark 17\n";
    MARK_OF(17, "streaming", "flush of a stream", "main", stream.flush());
    stream << "mark 18\n";
    MARK_OF(18, "streaming", "close of a stream", "main", stream.close());
}

int main() {
    hidden();
    shapes::catcher();
    reinterpret_cast<const shapes::circle *>(&stdout)->draw(0);
    shapes::circle::name();
    const auto *one = reinterpret_cast<const shapes::circle *>(&stdout);
    if (*one < *one) {
        return 1;
    }
    shapes::square square;
    static_cast<shapes::figure &>(square).show();
    shapes::box<int>().open();
    shapes::times<9>();
    shapes::times<10>();
    shapes::around();
    std::thread(of_thread, 14).join();
    sorting();
    lambdas();
    streaming();
    return 0;
}
