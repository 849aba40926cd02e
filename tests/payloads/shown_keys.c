/* SPDX-License-Identifier: MIT
 *
 * Keys, as they are shown: see shown.h.
 */
#include "shown.h"

#include <linux/keyctl.h>

/* What the call shows if it succeeds, else what it shows instead. */
static void shown_either(long result, const char *success, const char *failure) {
    shown(result, "%s", result < 0 ? failure : success);
}

int main(void) {
    static char text[64];
    char success[256];
    char failure[256];
    shown_calls("add_key,keyctl");
    long key = syscall(SYS_add_key, "user", "renacer:shown", "pay\0load", 8, KEY_SPEC_PROCESS_KEYRING);
    shown(key, "add_key(\"user\", \"renacer:shown\", \"pay\\0load\", 8, KEY_SPEC_PROCESS_KEYRING)");
    snprintf(success, sizeof(success), "keyctl(KEYCTL_READ, %ld, \"pay\\0load\", 64)", key);
    snprintf(failure, sizeof(failure), "keyctl(KEYCTL_READ, %ld, %p, 64)", key, (void *)text);
    if (key > 0) {
        shown_either(syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text)), success, failure);
        memset(text, 0, sizeof(text));
        shown(syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, text, sizeof(text)), "keyctl(KEYCTL_DESCRIBE, %ld, \"%s\", 64)",
              key, text);
        shown(syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, text, 4), "keyctl(KEYCTL_DESCRIBE, %ld, \"user\", 4)", key);
    }
    shown(syscall(SYS_keyctl, KEYCTL_READ, 1, text, sizeof(text)), "keyctl(KEYCTL_READ, 1, %p, 64)", (void *)text);
    struct keyctl_dh_params numbers = {{1}, 2, KEY_SPEC_SESSION_KEYRING};
    struct keyctl_kdf_params derivation = {.hashname = (char *)"sha1", .otherinfo = (char *)"info", .otherinfolen = 4};
    shown(syscall(SYS_keyctl, KEYCTL_DH_COMPUTE, &numbers, text, sizeof(text), &derivation),
          "keyctl(KEYCTL_DH_COMPUTE, {private=1, prime=2, base=KEY_SPEC_SESSION_KEYRING}, %p, 64, {hashname=\"sha1\", "
          "otherinfo=\"info\", otherinfolen=4})",
          (void *)text);
    struct keyctl_pkey_params params = {.key_id = 1, .in_len = 3, .out_len = 64};
    shown(syscall(SYS_keyctl, KEYCTL_PKEY_SIGN, &params, "enc=raw", "abc", text),
          "keyctl(KEYCTL_PKEY_SIGN, {key_id=1, in_len=3, out_len=64}, \"enc=raw\", \"abc\", %p)", (void *)text);
    params.in2_len = 2;
    shown(syscall(SYS_keyctl, KEYCTL_PKEY_VERIFY, &params, NULL, "abc", "de"),
          "keyctl(KEYCTL_PKEY_VERIFY, {key_id=1, in_len=3, in2_len=2}, NULL, \"abc\", \"de\")");
    shown(syscall(SYS_keyctl, KEYCTL_PKEY_QUERY, 1, 0, NULL, text), "keyctl(KEYCTL_PKEY_QUERY, 1, 0, NULL, %p)",
          (void *)text);
    return 0;
}
