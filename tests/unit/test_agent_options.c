/* SPDX-License-Identifier: MIT
 *
 * The options of an agent, and what a container's profile may add to them.
 */
#include "agent_options.h"
#include "options_world.h"

#include <string.h>
#include <syscall.h>

enum {
    WORDS_MOST = 16,
};

struct agent_world {
    struct agent_options options;
    char *own[WORDS_MOST];
    char *metadata[WORDS_MOST];
    char said[2048];
};

/* Words that are separated by a blank each, into a NULL-terminated list: how many. */
static int split(char *text, char *words[WORDS_MOST]) {
    int count = 0;
    for (char *word; (word = strsep(&text, " "));) {
        words[count++] = word;
    }
    words[count] = NULL;
    return count;
}

/* Parse them; NULL: a container without metadata is not asked for. What is said is kept. */
static enum options_verdict parse(struct agent_world *world, const char *own, const char *metadata) {
    static char own_copy[512];
    static char metadata_copy[512];
    snprintf(own_copy, sizeof(own_copy), "%s", own);
    snprintf(metadata_copy, sizeof(metadata_copy), "%s", metadata ? metadata : "");
    int argc = split(own_copy, world->own);
    int count = metadata ? split(metadata_copy, world->metadata) : 0;
    int saved;
    int file = redirect(stderr, STDERR_FILENO, &saved);
    enum options_verdict verdict =
        agent_options_parse(&world->options, argc, world->own, metadata ? world->metadata : NULL, (size_t)count);
    redirect_end(stderr, STDERR_FILENO, saved, file, world->said, sizeof(world->said));
    return verdict;
}

static void runs(struct agent_world *world, const char *own, const char *metadata) {
    assert_int_equal(parse(world, own, metadata), OPTIONS_RUN);
    assert_string_equal(world->said, "");
}

/* It is refused, with these words. */
static void refuses(const char *own, const char *metadata, const char *words) {
    struct agent_world world = {0};
    assert_int_equal(parse(&world, own, metadata), OPTIONS_BAD);
    if (!strstr(world.said, words)) {
        print_error("'%s' says: %s", metadata ? metadata : own, world.said);
    }
    assert_non_null(strstr(world.said, words));
    agent_options_finish(&world.options);
}

static void test_of_the_agent_itself(void **state) {
    (void)state;
    struct agent_world world = {0};
    runs(&world, "agent -o out --listen /a.sock --allow-uid 1000 --allow-uid=1001 --timeout 3 -y", NULL);
    assert_string_equal(world.options.tracing.file, "out");
    assert_string_equal(world.options.socket, "/a.sock");
    assert_int_equal(world.options.uid_count, 2);
    assert_int_equal(world.options.uids[1], 1001);
    assert_int_equal(world.options.timeout, 3);
    assert_int_equal(world.options.tracing.output.format, FORMAT_JSON);
    assert_true(world.options.tracing.output.follow);
    assert_true(world.options.tracing.output.descriptors);
    agent_options_finish(&world.options);
}

static void test_a_profile_adds(void **state) {
    (void)state;
    struct agent_world world = {0};
    runs(&world, "agent -o out --redact secrets -y", "-e trace=file --format jsonl --string-limit 7");
    const struct options *tracing = &world.options.tracing;
    assert_int_equal(tracing->output.format, FORMAT_JSONL);
    assert_int_equal(tracing->capture.string_limit, 7);
    assert_true(selection_has(&tracing->selection, ARCH_X86_64, SYS_openat));
    assert_false(selection_has(&tracing->selection, ARCH_X86_64, SYS_read));
    /* What the agent was told stays. */
    assert_non_null(tracing->output.redaction);
    assert_true(tracing->output.descriptors);
    assert_string_equal(tracing->file, "out");
    agent_options_finish(&world.options);
    runs(&world, "agent -o out", "--unnotified=write,futex");
    assert_string_equal(world.options.unnotified, "write,futex");
    agent_options_finish(&world.options);
}

static void test_none_of_a_profile(void **state) {
    (void)state;
    refuses("agent -o out", "-o elsewhere", "--output: only the agent");
    refuses("agent -o out", "-oelsewhere", "--output: only the agent");
    refuses("agent -o out", "-yo elsewhere", "--output: only the agent");
    refuses("agent -o out", "--listen /b.sock", "unknown option '--listen'");
    refuses("agent -o out", "--allow-uid 0", "unknown option '--allow-uid'");
    refuses("agent -o out", "--ring-size 1G", "--ring-size: only the agent");
    refuses("agent -o out", "--engine notify", "--engine: only the agent");
    refuses("agent -o out", "--redact-file /etc/shadow", "--redact-file: only the agent");
    refuses("agent -o out", "-p 1", "--attach: containers are started");
    refuses("agent -o out", "-e trace=nonsense", "nonsense");
    refuses("agent -o out", "ls", "takes options alone, not 'ls'");
    refuses("agent -o out", "--unnotified=!write", "names of calls");
    refuses("agent -o out", "--unnotified=writ", "names of calls");
    refuses("agent -o out", "--formt json", "did you mean '--format'");
}

static void test_none_of_an_agent(void **state) {
    (void)state;
    refuses("agent -o out --golden", NULL, "--golden: ");
    refuses("agent -o out --lossless", NULL, "--lossless: ");
    refuses("agent -o out -u nobody", NULL, "--user: ");
    refuses("agent -o out --engine ptrace", NULL, "cannot take over a container's listener");
    refuses("agent -o out --decode=full", NULL, "--decode=full needs a tracer");
    refuses("agent -o out --allow-uid root", NULL, "--allow-uid wants the number");
    refuses("agent -o out --allow-uid -1", NULL, "--allow-uid wants the number");
    refuses("agent -o out --allow-uid 4294967295", NULL, "--allow-uid wants the number");
    refuses("agent -o out --timeout 0", NULL, "--timeout");
    refuses("agent -o out --lisen /a", NULL, "did you mean '--listen'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_the_agent_itself),
        cmocka_unit_test(test_a_profile_adds),
        cmocka_unit_test(test_none_of_a_profile),
        cmocka_unit_test(test_none_of_an_agent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
