/* SPDX-License-Identifier: MIT
 *
 * Virtual machines (linux/kvm.h), secure environments (linux/tee.h) and infrared (linux/lirc.h).
 */
#include "decode_ioctl.h"

#include <linux/kvm.h>
#include <linux/lirc.h>
#include <linux/tee.h>

/* --------------------------------------------------------------------- virtual machines */

static const struct member memory_region[] = {
    {"slot", MEMBER_UNSIGNED, 4},       {"flags", MEMBER_SET, 4, .set = A_KVM_MEM_FLAGS},
    {"guest_phys_addr", MEMBER_HEX, 8}, {"memory_size", MEMBER_UNSIGNED, 8},
    {"userspace_addr", MEMBER_HEX, 8},
};
static const struct layout memory_region_layout = LAYOUT(memory_region);

static const struct member registers[] = {
    {"rax", MEMBER_HEX, 8},
    {NULL, MEMBER_DOTS},
    {"rbx", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"rcx", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"rdx", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"rsi", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"rdi", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"rsp", MEMBER_HEX, 8},
    {"rbp", MEMBER_HEX, 8},
    {NULL, MEMBER_DOTS},
    {"r8", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"r9", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"r10", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"r11", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"r12", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"r13", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"r14", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"r15", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"rip", MEMBER_HEX, 8},
    {"rflags", MEMBER_HEX, 8},
};
static const struct layout registers_layout = LAYOUT(registers);

static const struct member segment[] = {
    {"base", MEMBER_HEX, 8},      {"limit", MEMBER_UNSIGNED, 4},   {"selector", MEMBER_UNSIGNED, 2},
    {"type", MEMBER_UNSIGNED, 1}, {"present", MEMBER_UNSIGNED, 1}, {"dpl", MEMBER_UNSIGNED, 1},
    {"db", MEMBER_UNSIGNED, 1},   {"s", MEMBER_UNSIGNED, 1},       {"l", MEMBER_UNSIGNED, 1},
    {"g", MEMBER_UNSIGNED, 1},    {"avl", MEMBER_UNSIGNED, 1},     {NULL, MEMBER_HIDDEN, 1, .count = 2},
};
static const struct layout segment_layout = LAYOUT(segment);

static const struct member table[] = {
    {"base", MEMBER_HEX, 8},
    {"limit", MEMBER_UNSIGNED, 2},
    {NULL, MEMBER_HIDDEN, 2, .count = 3},
};
static const struct layout table_layout = LAYOUT(table);

#define SEGMENT(name)                                                                                                  \
    { name, MEMBER_LAYOUT, .layout = &segment_layout, .when = IN_DETAIL }
#define CONTROL(name)                                                                                                  \
    { name, MEMBER_UNSIGNED, 8, .when = IN_DETAIL }

static const struct member special_registers[] = {
    {"cs", MEMBER_LAYOUT, .layout = &segment_layout},
    {NULL, MEMBER_DOTS},
    SEGMENT("ds"),
    SEGMENT("es"),
    SEGMENT("fs"),
    SEGMENT("gs"),
    SEGMENT("ss"),
    SEGMENT("tr"),
    SEGMENT("ldt"),
    {"gdt", MEMBER_LAYOUT, .layout = &table_layout, .when = IN_DETAIL},
    {"idt", MEMBER_LAYOUT, .layout = &table_layout, .when = IN_DETAIL},
    CONTROL("cr0"),
    CONTROL("cr2"),
    CONTROL("cr3"),
    CONTROL("cr4"),
    CONTROL("cr8"),
    CONTROL("efer"),
    {"apic_base", MEMBER_HEX, 8, .when = IN_DETAIL},
    {"interrupt_bitmap", MEMBER_HEX, 8, .count = 4, .when = IN_DETAIL},
};
static const struct layout special_registers_layout = LAYOUT(special_registers);

static const struct member identification[] = {
    {"function", MEMBER_HEX, 4},
    {"index", MEMBER_HEX, 4},
    {"flags", MEMBER_SET, 4, .set = A_KVM_CPUID_FLAGS},
    {"eax", MEMBER_HEX, 4},
    {"ebx", MEMBER_HEX, 4},
    {"ecx", MEMBER_HEX, 4},
    {"edx", MEMBER_HEX, 4},
    {NULL, MEMBER_HIDDEN, 4, .count = 3},
};
static const struct layout identification_layout = LAYOUT(identification);

/* struct kvm_cpuid2: a count, and as many entries. */
static void show_identifications(struct decoding *decoding, uint64_t address) {
    enum {
        HEADER = 8,
    };
    const uint8_t *bytes = memory_at(decoding, address, HEADER);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    uint64_t count = number_in(bytes, sizeof(uint32_t));
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "nent", count);
    if (decoding->verbose) {
        show_layouts_at(decoding, "entries", address + HEADER, count, &identification_layout);
    } else {
        show_open(decoding, "entries", "[");
        if (count) {
            show_dots(decoding);
        }
        show_close(decoding, "]");
    }
    show_close(decoding, "}");
}

static const struct ioctl_form machine_forms[] = {
    {KVM_GET_EMULATED_CPUID, FORM_OWN, .show = show_identifications},
    {KVM_GET_REGS, FORM_ONE_WAY, &registers_layout},
    {KVM_GET_SREGS, FORM_ONE_WAY, &special_registers_layout},
    {KVM_GET_SUPPORTED_CPUID, FORM_OWN, .show = show_identifications},
    {KVM_SET_CPUID2, FORM_OWN, .show = show_identifications},
    {KVM_SET_REGS, FORM_ONE_WAY, &registers_layout},
    {KVM_SET_SREGS, FORM_ONE_WAY, &special_registers_layout},
    {KVM_SET_USER_MEMORY_REGION, FORM_ONE_WAY, &memory_region_layout},
};

void decode_kvm(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, machine_forms, COUNT_OF(machine_forms));
}

/* ----------------------------------------------------------------- secure environments */

static void show_version(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct tee_ioctl_version_data));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint32_t id = take_u32(&members);
    uint32_t capabilities = take_u32(&members);
    show_open(decoding, NULL, "{");
    show_set(decoding, "impl_id", A_TEE_IMPL_ID, id);
    show_set(decoding, "gen_caps", A_TEE_GEN_CAP, take_u32(&members));
    if (id == TEE_IMPL_ID_OPTEE) {
        show_set(decoding, "impl_caps", A_TEE_OPTEE_CAP, capabilities);
    } else {
        show_hex(decoding, "impl_caps", capabilities);
    }
    show_close(decoding, "}");
}

static const struct member parameter[] = {
    {NULL, MEMBER_HIDDEN, 8},
    {NULL, MEMBER_HIDDEN, 8, .count = 3},
};
static const struct layout parameter_layout = LAYOUT(parameter);

static void show_parameter(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    uint64_t attributes = number_in(element, 8);
    uint64_t numbers[] = {number_in(element + 8, 8), number_in(element + 16, 8), number_in(element + 24, 8)};
    show_open(decoding, NULL, "{");
    show_set(decoding, "attr", A_TEE_ATTR_TYPE, attributes & ~(uint64_t)TEE_IOCTL_PARAM_ATTR_META);
    if (attributes & TEE_IOCTL_PARAM_ATTR_META) {
        show_more(decoding, "|TEE_IOCTL_PARAM_ATTR_META");
    }
    switch (attributes) {
    case TEE_IOCTL_PARAM_ATTR_TYPE_NONE:
        break;
    case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT:
    case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INOUT:
    case TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_OUTPUT:
        show_hex(decoding, "shm_offs", numbers[0]);
        show_hex(decoding, "size", numbers[1]);
        show_unsigned(decoding, "shm_id", numbers[2]);
        break;
    default:
        show_hex(decoding, "a", numbers[0]);
        show_hex(decoding, "b", numbers[1]);
        show_hex(decoding, "c", numbers[2]);
        break;
    }
    show_close(decoding, "}");
}

/* What the buffer holds that such a request names: a header that ends in the number of the parameters behind it. */
struct tee_call {
    uint32_t request;
    unsigned size;
    unsigned count_at;
    void (*show_asked)(struct decoding *decoding, const uint8_t *bytes);
    void (*show_got)(struct decoding *decoding, const uint8_t *bytes);
};

static uint64_t u32_at(const uint8_t *bytes, unsigned at) {
    return number_in(bytes + at, sizeof(uint32_t));
}

/* struct tee_ioctl_open_session_arg. */
static void show_opening(struct decoding *decoding, const uint8_t *bytes) {
    enum {
        UUID = 16,
    };
    const uint8_t *client = bytes + UUID;
    uint64_t login = u32_at(bytes, 2 * UUID);
    show_uuid(decoding, "uuid", bytes);
    show_set(decoding, "clnt_login", A_TEE_LOGIN, login);
    switch (login) {
    case TEE_IOCTL_LOGIN_PUBLIC:
    case TEE_IOCTL_LOGIN_USER:
    case TEE_IOCTL_LOGIN_APPLICATION:
    case TEE_IOCTL_LOGIN_USER_APPLICATION:
        break;
    case TEE_IOCTL_LOGIN_GROUP:
    case TEE_IOCTL_LOGIN_GROUP_APPLICATION:
        show_id(decoding, "clnt_uuid", (uint32_t)u32_at(client, 0));
        break;
    default:
        show_open(decoding, "clnt_uuid", "[");
        for (unsigned i = 0; i < UUID; i++) {
            show_hex(decoding, NULL, client[i]);
        }
        show_close(decoding, "]");
        break;
    }
    show_unsigned(decoding, "cancel_id", u32_at(bytes, 36));
    show_unsigned(decoding, "num_params", u32_at(bytes, 52));
}

static void show_opened(struct decoding *decoding, const uint8_t *bytes) {
    show_hex(decoding, "session", u32_at(bytes, 40));
    show_unsigned(decoding, "ret", u32_at(bytes, 44));
    show_set(decoding, "ret_origin", A_TEE_ORIGIN, u32_at(bytes, 48));
}

/* struct tee_ioctl_invoke_arg. */
static void show_invocation(struct decoding *decoding, const uint8_t *bytes) {
    show_unsigned(decoding, "func", u32_at(bytes, 0));
    show_hex(decoding, "session", u32_at(bytes, 4));
    show_unsigned(decoding, "cancel_id", u32_at(bytes, 8));
    show_unsigned(decoding, "num_params", u32_at(bytes, 20));
}

static void show_invoked(struct decoding *decoding, const uint8_t *bytes) {
    show_unsigned(decoding, "ret", u32_at(bytes, 12));
    show_set(decoding, "ret_origin", A_TEE_ORIGIN, u32_at(bytes, 16));
}

/* struct tee_iocl_supp_recv_arg and tee_iocl_supp_send_arg. */
static void show_receiving(struct decoding *decoding, const uint8_t *bytes) {
    show_unsigned(decoding, "func", u32_at(bytes, 0));
    show_unsigned(decoding, "num_params", u32_at(bytes, 4));
}

static void show_received(struct decoding *decoding, const uint8_t *bytes) {
    show_unsigned(decoding, "num_params", u32_at(bytes, 4));
}

static void show_sending(struct decoding *decoding, const uint8_t *bytes) {
    show_unsigned(decoding, "num_params", u32_at(bytes, 4));
}

static void show_sent(struct decoding *decoding, const uint8_t *bytes) {
    show_unsigned(decoding, "ret", u32_at(bytes, 0));
}

static const struct tee_call tee_calls[] = {
    {TEE_IOC_OPEN_SESSION, sizeof(struct tee_ioctl_open_session_arg), 52, show_opening, show_opened},
    {TEE_IOC_INVOKE, sizeof(struct tee_ioctl_invoke_arg), 20, show_invocation, show_invoked},
    {TEE_IOC_SUPPL_RECV, sizeof(struct tee_iocl_supp_recv_arg), 4, show_receiving, show_received},
    {TEE_IOC_SUPPL_SEND, sizeof(struct tee_iocl_supp_send_arg), 4, show_sending, show_sent},
};

static const struct member buffer[] = {
    {"buf_ptr", MEMBER_HIDDEN, 8},
    {"buf_len", MEMBER_HIDDEN, 8},
};
static const struct layout buffer_layout = LAYOUT(buffer);

/* The header, if the buffer is one that the kernel takes: what it says about its size is checked at the entry alone. */
static const uint8_t *tee_header(struct decoding *decoding, const struct tee_call *call, const uint8_t *bytes,
                                 bool is_exit) {
    uint64_t address = number_in(bytes, 8);
    uint64_t size = number_in(bytes + 8, 8);
    if (size > TEE_MAX_ARG_SIZE || size < call->size) {
        return NULL;
    }
    const uint8_t *header =
        is_exit ? memory_at(decoding, address, call->size) : entry_bytes(decoding, address, call->size);
    uint64_t parameters = header ? u32_at(header, call->count_at) * layout_size(decoding, &parameter_layout) : 0;
    return header && (is_exit || call->size + parameters == size) ? header : NULL;
}

static void show_buffer(struct decoding *decoding, const uint8_t *bytes) {
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "buf_len", number_in(bytes + 8, 8));
    show_address(decoding, "buf_ptr", number_in(bytes, 8));
    show_close(decoding, "}");
}

static void show_parameters(struct decoding *decoding, const struct tee_call *call, const uint8_t *bytes,
                            const uint8_t *header) {
    uint64_t count = u32_at(header, call->count_at);
    show_vector(decoding, "params", count ? number_in(bytes, 8) + call->size : 0, count,
                layout_size(decoding, &parameter_layout), show_parameter, NULL);
}

static void show_tee_exit(struct decoding *decoding, const struct tee_call *call, const uint8_t *after) {
    const uint8_t *header = tee_header(decoding, call, after, true);
    show_arrow(decoding);
    if (!header) {
        show_buffer(decoding, after);
        return;
    }
    show_open(decoding, NULL, "{");
    call->show_got(decoding, header);
    show_parameters(decoding, call, after, header);
    show_close(decoding, "}");
    show_close(decoding, "}");
}

static void show_tee_call(struct decoding *decoding, uint64_t address) {
    const struct tee_call *call = tee_calls;
    while (call->request != request_of(decoding)) {
        call++;
    }
    const uint8_t *before = entry_bytes(decoding, address, layout_size(decoding, &buffer_layout));
    if (!before) {
        show_address(decoding, NULL, address);
        return;
    }
    const uint8_t *header = tee_header(decoding, call, before, false);
    if (!header) {
        show_buffer(decoding, before);
        return;
    }
    look_back(decoding, true);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "buf_len", number_in(before + 8, 8));
    show_open(decoding, "buf_ptr", "{");
    call->show_asked(decoding, header);
    show_parameters(decoding, call, before, header);
    show_close(decoding, "}");
    look_back(decoding, false);
    const uint8_t *after = exit_bytes(decoding, &buffer_layout, address);
    if (after) {
        show_tee_exit(decoding, call, after);
    } else {
        show_close(decoding, "}");
    }
}

static const struct member cancellation[] = {
    {"cancel_id", MEMBER_UNSIGNED, 4},
    {"session", MEMBER_HEX, 4},
};
static const struct layout cancellation_layout = LAYOUT(cancellation);
static const struct member closing[] = {{"session", MEMBER_HEX, 4}};
static const struct layout closing_layout = LAYOUT(closing);

static const struct member allocation[] = {
    {"size", MEMBER_HEX, 8},
    {"flags", MEMBER_SET, 4, .set = A_TEE_SHM_FLAGS},
    {"id", MEMBER_SIGNED, 4, .when = AT_EXIT},
};
static const struct layout allocation_layout = LAYOUT(allocation);

static const struct member registration[] = {
    {"addr", MEMBER_ADDRESS, 8, .when = AT_ENTRY},
    {"length", MEMBER_HEX, 8},
    {"flags", MEMBER_SET, 4, .set = A_TEE_SHM_FLAGS},
    {"id", MEMBER_SIGNED, 4, .when = AT_EXIT},
};
static const struct layout registration_layout = LAYOUT(registration);

static const struct ioctl_form environment_forms[] = {
    {TEE_IOC_CANCEL, FORM_ONE_WAY, &cancellation_layout},  {TEE_IOC_CLOSE_SESSION, FORM_ONE_WAY, &closing_layout},
    {TEE_IOC_INVOKE, FORM_OWN, .show = show_tee_call},     {TEE_IOC_OPEN_SESSION, FORM_OWN, .show = show_tee_call},
    {TEE_IOC_SHM_ALLOC, FORM_ARROW, &allocation_layout},   {TEE_IOC_SHM_REGISTER, FORM_ARROW, &registration_layout},
    {TEE_IOC_SUPPL_RECV, FORM_OWN, .show = show_tee_call}, {TEE_IOC_SUPPL_SEND, FORM_OWN, .show = show_tee_call},
    {TEE_IOC_VERSION, FORM_OWN, .show = show_version},
};

void decode_tee(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, environment_forms, COUNT_OF(environment_forms));
}

/* ---------------------------------------------------------------------------- infrared */

static const struct member features[] = {{NULL, MEMBER_SET, 4, .set = A_LIRC_CAN}};
static const struct layout features_layout = BARE_LAYOUT(features);
static const struct member mode[] = {{NULL, MEMBER_SET, 4, .set = A_LIRC_MODE}};
static const struct layout mode_layout = BARE_LAYOUT(mode);
static const struct member transmitters[] = {{NULL, MEMBER_HEX, 4}};
static const struct layout transmitters_layout = BARE_LAYOUT(transmitters);

static const struct ioctl_form infrared_forms[] = {
    {LIRC_GET_FEATURES, FORM_ONE_WAY, &features_layout},
    {LIRC_GET_REC_MODE, FORM_ONE_WAY, &mode_layout},
    {LIRC_GET_SEND_MODE, FORM_ONE_WAY, &mode_layout},
    {LIRC_SET_REC_MODE, FORM_ONE_WAY, &mode_layout},
    {LIRC_SET_SEND_MODE, FORM_ONE_WAY, &mode_layout},
    {LIRC_SET_TRANSMITTER_MASK, FORM_ONE_WAY, &transmitters_layout},
};

void decode_lirc(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, infrared_forms, COUNT_OF(infrared_forms));
}
