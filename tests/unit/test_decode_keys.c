/* SPDX-License-Identifier: MIT
 *
 * Commands of keyctl(2) and what they point to.
 */
#include "decoding_world.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>

enum {
    I386_KEYCTL = 288,
    KEY = 77,
};

static void test_text(void **state) {
    struct decoding_world *world = *state;
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_DESCRIBE, KEY, WORLD_BASE, 100));
    world_put_string(world, WORLD_BASE, "user;0");
    world_return(world, 7);
    world_shows(world, "keyctl(KEYCTL_DESCRIBE, 77, \"user;0\", 100) = 7");
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_DESCRIBE, KEY, WORLD_BASE, 4));
    world_return(world, 7);
    world_shows(world, "keyctl(KEYCTL_DESCRIBE, 77, \"user\", 4) = 7");
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_GET_SECURITY, KEY, WORLD_BASE, 0));
    world_return(world, 7);
    world_shows(world, "keyctl(KEYCTL_GET_SECURITY, 77, \"\", 0) = 7");
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_READ, KEY, WORLD_BASE, 100));
    world_return(world, 7);
    world_shows(world, "keyctl(KEYCTL_READ, 77, \"user;0\\0\", 100) = 7");
    world->options.string_limit = 2;
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_DESCRIBE, KEY, WORLD_BASE, UINT64_MAX));
    world_return(world, 7);
    world_shows(world, "keyctl(KEYCTL_DESCRIBE, 77, \"us\"..., 18446744073709551615) = 7");
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_DESCRIBE, KEY, WORLD_NOWHERE, 100));
    world_return(world, 7);
    world_shows(world, "keyctl(KEYCTL_DESCRIBE, 77, 0x900000, 100) = 7");
}

static void test_capabilities(void **state) {
    struct decoding_world *world = *state;
    static const uint8_t bytes[] = {KEYCTL_CAPS0_CAPABILITIES | KEYCTL_CAPS0_MOVE, 0x40, 0, 9};
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_CAPABILITIES, WORLD_BASE, 100));
    world_put(world, WORLD_BASE, bytes, sizeof(bytes));
    world_return(world, 4);
    world_shows(world, "keyctl(KEYCTL_CAPABILITIES, [KEYCTL_CAPS0_CAPABILITIES|KEYCTL_CAPS0_MOVE, 0x40 /* "
                       "KEYCTL_CAPS1_??? */, 0, 0x9], 100) = 4");
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_CAPABILITIES, WORLD_BASE, 1));
    world_return(world, 4);
    world_shows(world, "keyctl(KEYCTL_CAPABILITIES, [KEYCTL_CAPS0_CAPABILITIES|KEYCTL_CAPS0_MOVE], 1) = 4");
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_CAPABILITIES, WORLD_BASE, 0));
    world_return(world, 4);
    world_shows(world, "keyctl(KEYCTL_CAPABILITIES, [], 0) = 4");
}

static void test_diffie_hellman(void **state) {
    struct decoding_world *world = *state;
    int32_t params[] = {1, -2, 3};
    uint64_t derivation[7] = {WORLD_OTHER, WORLD_OTHER + 16, 3};
    world_put_string(world, WORLD_OTHER, "sha1");
    world_put_string(world, WORLD_OTHER + 16, "abc");
    world_put(world, WORLD_BASE, params, sizeof(params));
    world_put(world, WORLD_BASE + 64, derivation, sizeof(derivation));
    world_enter(world, ARCH_X86_64, SYS_keyctl,
                ARGS(KEYCTL_DH_COMPUTE, WORLD_BASE, WORLD_OTHER + 32, 64, WORLD_BASE + 64));
    world_put_string(world, WORLD_OTHER + 32, "secret");
    world_return(world, 6);
    world_shows(world, "keyctl(KEYCTL_DH_COMPUTE, {private=1, prime=KEY_SPEC_PROCESS_KEYRING, base=3}, \"secret\", 64, "
                       "{hashname=\"sha1\", otherinfo=\"abc\", otherinfolen=3}) = 6");
    uint32_t i386[11] = {0, WORLD_NOWHERE, UINT32_MAX, [10] = 5};
    world_put(world, WORLD_BASE + 64, i386, sizeof(i386));
    world_enter(world, ARCH_I386, I386_KEYCTL, ARGS(KEYCTL_DH_COMPUTE, WORLD_HOLE - 8, 0, 0, WORLD_BASE + 64));
    world_shows(world, "keyctl(KEYCTL_DH_COMPUTE, 0x11ff8, NULL, 0, {hashname=NULL, otherinfo=0x900000, "
                       "otherinfolen=4294967295, __spare=[0, 0, 0, 0, 0, 0, 0, 0x5]}) = ? <unavailable>");
}

static void test_public_keys(void **state) {
    struct decoding_world *world = *state;
    struct keyctl_pkey_params params = {.key_id = KEY, .in_len = 3, .out_len = 4};
    struct keyctl_pkey_query query = {
        .supported_ops = KEYCTL_SUPPORTS_SIGN, .key_size = 2048, .max_data_size = 1, .max_dec_size = 4};
    world_put(world, WORLD_BASE, &params, sizeof(params));
    world_put_string(world, WORLD_OTHER, "enc=pkcs1");
    world_put_string(world, WORLD_OTHER + 16, "abc");
    world_enter(world, ARCH_X86_64, SYS_keyctl,
                ARGS(KEYCTL_PKEY_SIGN, WORLD_BASE, WORLD_OTHER, WORLD_OTHER + 16, WORLD_OTHER + 32));
    world_shows(world,
                "keyctl(KEYCTL_PKEY_SIGN, {key_id=77, in_len=3, out_len=4}, \"enc=pkcs1\", \"abc\", 0x50020) = ? "
                "<unavailable>");
    world_put_string(world, WORLD_OTHER + 32, "signed");
    world_return(world, 4);
    world_shows(world,
                "keyctl(KEYCTL_PKEY_SIGN, {key_id=77, in_len=3, out_len=4}, \"enc=pkcs1\", \"abc\", \"sign\") = 4");
    world_enter(world, ARCH_I386, I386_KEYCTL,
                ARGS(KEYCTL_PKEY_VERIFY, WORLD_BASE, WORLD_OTHER, WORLD_OTHER + 16, WORLD_OTHER + 32));
    world_shows(world,
                "keyctl(KEYCTL_PKEY_VERIFY, {key_id=77, in_len=3, in2_len=4}, \"enc=pkcs1\", \"abc\", \"sign\") = ? "
                "<unavailable>");
    world_enter(world, ARCH_X86_64, SYS_keyctl,
                ARGS(KEYCTL_PKEY_ENCRYPT, WORLD_NOWHERE, 0, WORLD_OTHER + 16, WORLD_OTHER + 32));
    world_return(world, 4);
    world_shows(world, "keyctl(KEYCTL_PKEY_ENCRYPT, 0x900000, NULL, 0x50010, 0x50020) = 4");
    world_enter(world, ARCH_X86_64, SYS_keyctl, ARGS(KEYCTL_PKEY_QUERY, KEY, 0, 0, WORLD_BASE));
    world_put(world, WORLD_BASE, &query, sizeof(query));
    world_return(world, 0);
    world_shows(world, "keyctl(KEYCTL_PKEY_QUERY, 77, 0, NULL, {supported_ops=KEYCTL_SUPPORTS_SIGN, key_size=2048, "
                       "max_data_size=1, max_sig_size=0, max_enc_size=0, max_dec_size=4}) = 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_text),
        WORLD_TEST(test_capabilities),
        WORLD_TEST(test_diffie_hellman),
        WORLD_TEST(test_public_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
