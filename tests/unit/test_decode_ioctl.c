/* SPDX-License-Identifier: MIT
 *
 * Arguments of ioctl(2), from memory to text: what is there, what is not, and what cannot be.
 */
#include "decoding_world.h"

#include <asm/termbits.h>
#include <linux/btrfs.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/input.h>
#include <linux/ioctl.h>
#include <linux/loop.h>
#include <linux/tee.h>
#include <linux/videodev2.h>
#include <scsi/sg.h>
#include <sys/syscall.h>

enum {
    TCGETS_REQUEST = 0x5401,
    TCSETS_REQUEST = 0x5402,
    FIONBIO_REQUEST = 0x5421,
    I386_IOCTL = 54,
};

static void enter(struct decoding_world *world, uint64_t request, uint64_t address) {
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, request, address));
}

/* ------------------------------------------------------------------ terminals, numbers */

static void test_termios(void **state) {
    struct decoding_world *world = *state;
    struct termios modes = {.c_iflag = ICRNL, .c_cflag = B9600 | CS8, .c_cc = {3, 28}};
    world_put(world, WORLD_BASE, &modes, sizeof(modes));
    enter(world, TCSETS_REQUEST, WORLD_BASE);
    world_return(world, 0);
    world_shows(world, "ioctl(3, SNDCTL_TMR_START or TCSETS, {c_iflag=ICRNL, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|, "
                       "c_cflag=B9600|CS8|, c_lflag=, ...}) = 0");
    world->options.verbose = true;
    enter(world, TCGETS_REQUEST, WORLD_BASE);
    world_return(world, 0);
    world_shows(world,
                "ioctl(3, TCGETS, {c_iflag=ICRNL, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|, c_cflag=B9600|CS8|, c_lflag=, "
                "c_line=N_TTY, c_cc=[[VINTR]=0x3, [VQUIT]=0x1c, [VERASE]=0, [VKILL]=0, [VEOF]=0, [VTIME]=0, [VMIN]=0, "
                "[VSWTC]=0, [VSTART]=0, [VSTOP]=0, [VSUSP]=0, [VEOL]=0, [VREPRINT]=0, [VDISCARD]=0, [VWERASE]=0, "
                "[VLNEXT]=0, [VEOL2]=0, [17]=0, [18]=0]}) = 0");
}

static void test_odd_memory(void **state) {
    struct decoding_world *world = *state;
    enter(world, TCSETS_REQUEST, WORLD_NOWHERE);
    world_return(world, -EFAULT);
    world_shows(world, "ioctl(3, SNDCTL_TMR_START or TCSETS, 0x900000) = -1 EFAULT (Bad address)");
    enter(world, TCSETS_REQUEST, WORLD_HOLE - 8);
    world_return(world, -EFAULT);
    world_shows(world, "ioctl(3, SNDCTL_TMR_START or TCSETS, 0x11ff8) = -1 EFAULT (Bad address)");
    enter(world, FIONBIO_REQUEST, 0);
    world_return(world, -EFAULT);
    world_shows(world, "ioctl(3, FIONBIO, NULL) = -1 EFAULT (Bad address)");
    enter(world, LOOP_SET_STATUS64, UINT64_MAX - 4);
    world_return(world, -EFAULT);
    world_shows(world, "ioctl(3, LOOP_SET_STATUS64, 0xfffffffffffffffb) = -1 EFAULT (Bad address)");
}

/* ------------------------------------------------------------------------------ files */

static void test_dedupe(void **state) {
    struct decoding_world *world = *state;
    struct file_dedupe_range range = {.src_offset = 1, .src_length = 2, .dest_count = 3};
    struct file_dedupe_range_info targets[3] = {{.dest_fd = 5}, {.dest_fd = 6}};
    world_put(world, WORLD_BASE, &range, sizeof(range));
    world_put(world, WORLD_BASE + sizeof(range), targets, sizeof(targets));
    enter(world, FIDEDUPERANGE, WORLD_BASE);
    world_shows(world, "ioctl(3, BTRFS_IOC_FILE_EXTENT_SAME or FIDEDUPERANGE, {src_offset=1, src_length=2, "
                       "dest_count=3, info=[{dest_fd=5, dest_offset=0}, {dest_fd=6, dest_offset=0}, ...]}) = "
                       "? <unavailable>");
    targets[1].bytes_deduped = 9;
    targets[1].status = -1;
    world_put(world, WORLD_BASE + sizeof(range), targets, sizeof(targets));
    world_return(world, 0);
    world_shows(world, "ioctl(3, BTRFS_IOC_FILE_EXTENT_SAME or FIDEDUPERANGE, {src_offset=1, src_length=2, "
                       "dest_count=3, info=[{dest_fd=5, dest_offset=0}, {dest_fd=6, dest_offset=0}, ...]} => "
                       "{info=[{bytes_deduped=0, status=0}, {bytes_deduped=9, status=-1}, ...]}) = 0");
}

static void test_dedupe_at_the_end(void **state) {
    struct decoding_world *world = *state;
    struct file_dedupe_range range = {.src_offset = 1, .src_length = 2, .dest_count = UINT16_MAX};
    world_put(world, WORLD_HOLE - sizeof(range), &range, sizeof(range));
    enter(world, FIDEDUPERANGE, WORLD_HOLE - sizeof(range));
    world_return(world, -EINVAL);
    world_shows(world, "ioctl(3, BTRFS_IOC_FILE_EXTENT_SAME or FIDEDUPERANGE, {src_offset=1, src_length=2, "
                       "dest_count=65535, info=0x12000}) = -1 EINVAL (Invalid argument)");
}

/* ------------------------------------------------------------------------------ block */

static void test_loop_of_i386(void **state) {
    struct decoding_world *world = *state;
    /* __kernel_old_dev_t has 16 bits, and unsigned long 32. */
    struct {
        int32_t number;
        uint16_t device;
        uint16_t hole;
        uint32_t inode;
        uint16_t real_device;
        uint16_t hole2;
        int32_t offset, type, key_size, flags;
        char name[LO_NAME_SIZE];
        uint8_t key[LO_KEY_SIZE];
        uint32_t init[2];
        char reserved[4];
    } info = {.number = 7, .inode = 11, .offset = 512, .flags = LO_FLAGS_READ_ONLY, .name = "image", .init = {1, 2}};
    world_put(world, WORLD_BASE, &info, sizeof(info));
    world->options.verbose = true;
    world_enter(world, ARCH_I386, I386_IOCTL, ARGS(3, LOOP_SET_STATUS, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "ioctl(3, LOOP_SET_STATUS, {lo_number=7, lo_device=makedev(0, 0), lo_inode=11, "
                       "lo_rdevice=makedev(0, 0), lo_offset=0x200, lo_encrypt_type=LO_CRYPT_NONE, "
                       "lo_encrypt_key_size=0, lo_flags=LO_FLAGS_READ_ONLY, lo_name=\"image\", lo_encrypt_key=\"\", "
                       "lo_init=[0x1, 0x2], reserved=[0, 0, 0, 0]}) = 0");
}

static void test_scsi(void **state) {
    struct decoding_world *world = *state;
    static const uint8_t command[6] = {0x12, 0, 0, 0, 96, 0};
    struct sg_io_hdr request = {.interface_id = 'S',
                                .dxfer_direction = SG_DXFER_FROM_DEV,
                                .cmd_len = sizeof(command),
                                .dxfer_len = 4,
                                .cmdp = (void *)(uintptr_t)(WORLD_BASE + 512),
                                .dxferp = (void *)(uintptr_t)WORLD_OTHER,
                                .timeout = 1000};
    world_put(world, WORLD_BASE, &request, sizeof(request));
    world_put(world, WORLD_BASE + 512, command, sizeof(command));
    enter(world, SG_IO, WORLD_BASE);
    world_put(world, WORLD_OTHER, "\1\2\3\4", 4);
    world_return(world, 0);
    world_shows(world, "ioctl(3, SG_IO, {interface_id='S', dxfer_direction=SG_DXFER_FROM_DEV, cmd_len=6, "
                       "cmdp=\"\\x12\\x00\\x00\\x00\\x60\\x00\", mx_sb_len=0, iovec_count=0, dxfer_len=4, "
                       "timeout=1000, flags=0, dxferp=\"\\x01\\x02\\x03\\x04\", status=0, masked_status=0, "
                       "msg_status=0, sb_len_wr=0, sbp=NULL, host_status=0, driver_status=0, resid=0, duration=0, "
                       "info=0}) = 0");
}

/* Each of its targets says where the next one is: never before the one that it follows. */
static void test_mapper_in_a_circle(void **state) {
    struct decoding_world *world = *state;
    struct {
        struct dm_ioctl header;
        struct dm_target_spec target;
        char text[8];
    } all = {
        .header = {.version = {4, 0, 0}, .data_size = sizeof(all), .data_start = sizeof(all.header), .target_count = 9},
        .target = {.length = 5, .target_type = "linear"},
        .text = "x"};
    world->options.verbose = true;
    world_put(world, WORLD_BASE, &all, sizeof(all));
    enter(world, DM_TABLE_LOAD, WORLD_BASE);
    world_return(world, -EINVAL);
    world_shows(world, "ioctl(3, DM_TABLE_LOAD, [{version=[4, 0, 0], data_size=360, data_start=312, target_count=9, "
                       "flags=0}, {sector_start=0, length=5, target_type=\"linear\", string=\"x\"}, ??? /* misplaced "
                       "struct dm_target_spec */]) = -1 EINVAL (Invalid argument)");
    all.header.data_size = 4;
    world_put(world, WORLD_BASE, &all, sizeof(all));
    enter(world, DM_TABLE_LOAD, WORLD_BASE);
    world_shows(world, "ioctl(3, DM_TABLE_LOAD, 0x10000) = ? <unavailable>");
}

/* ----------------------------------------------------------------------- input, video */

static void test_bits_of_events(void **state) {
    struct decoding_world *world = *state;
    static const uint8_t bits[8] = {0x0f, 0x01};
    world_put(world, WORLD_BASE, bits, sizeof(bits));
    enter(world, EVIOCGBIT(EV_REL, 8), WORLD_BASE);
    world_return(world, 8);
    world_shows(world, "ioctl(3, EVIOCGBIT(EV_REL, 8), [REL_X REL_Y REL_Z REL_RX ...]) = 8");
    enter(world, EVIOCGBIT(0, 8), WORLD_BASE);
    world_return(world, INT32_MAX);
    world_shows(world, "ioctl(3, EVIOCGBIT(0, 8), [EV_SYN EV_KEY EV_REL EV_ABS ...]) = 2147483647");
    world_put_string(world, WORLD_BASE, "keyboard");
    enter(world, EVIOCGNAME(256), WORLD_BASE);
    world_return(world, 9);
    world_shows(world, "ioctl(3, EVIOCGNAME(256), \"keyboard\\0\") = 9");
    enter(world, EVIOCGBIT(EV_REL, 8), WORLD_NOWHERE);
    world_return(world, 8);
    world_shows(world, "ioctl(3, EVIOCGBIT(EV_REL, 8), 0x900000) = 8");
}

static void test_video_of_both_layouts(void **state) {
    struct decoding_world *world = *state;
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
                                 .fmt.pix = {.width = 640, .height = 480, .pixelformat = V4L2_PIX_FMT_YUYV}};
    world_put(world, WORLD_BASE, &format, sizeof(format));
    enter(world, VIDIOC_S_FMT, WORLD_BASE);
    format.fmt.pix.width = 320;
    world_put(world, WORLD_BASE, &format, sizeof(format));
    world_return(world, 0);
    world_shows(world, "ioctl(3, VIDIOC_S_FMT, {type=V4L2_BUF_TYPE_VIDEO_CAPTURE, fmt.pix={width=640, height=480, "
                       "pixelformat=v4l2_fourcc('Y', 'U', 'Y', 'V') /* V4L2_PIX_FMT_YUYV */, field=V4L2_FIELD_ANY, "
                       "bytesperline=0, sizeimage=0, colorspace=V4L2_COLORSPACE_DEFAULT}} => {fmt.pix={width=320, "
                       "height=480, pixelformat=v4l2_fourcc('Y', 'U', 'Y', 'V') /* V4L2_PIX_FMT_YUYV */, "
                       "field=V4L2_FIELD_ANY, bytesperline=0, sizeimage=0, colorspace=V4L2_COLORSPACE_DEFAULT}}) = 0");
    format.type = 77;
    world_put(world, WORLD_BASE, &format, sizeof(format));
    enter(world, VIDIOC_S_FMT, WORLD_BASE);
    world_return(world, 0);
    world_shows(world, "ioctl(3, VIDIOC_S_FMT, {type=0x4d /* V4L2_BUF_TYPE_??? */}) = 0");
}

static void test_created_buffers(void **state) {
    struct decoding_world *world = *state;
    struct v4l2_create_buffers buffers = {.count = 4, .memory = V4L2_MEMORY_MMAP, .format.type = 77};
    world_put(world, WORLD_BASE, &buffers, sizeof(buffers));
    enter(world, VIDIOC_CREATE_BUFS, WORLD_BASE);
    buffers.index = 2;
    buffers.count = 3;
    world_put(world, WORLD_BASE, &buffers, sizeof(buffers));
    world_return(world, 0);
    world_shows(world, "ioctl(3, VIDIOC_CREATE_BUFS, {count=4, memory=V4L2_MEMORY_MMAP, "
                       "format={type=0x4d /* V4L2_BUF_TYPE_??? */}}) = 0 ({index=2, count=3})");
}

/* ------------------------------------------------------------------- btrfs, environments */

/* Items say how long they are: one of the greatest length ends the list. */
static void test_search_without_end(void **state) {
    struct decoding_world *world = *state;
    struct btrfs_ioctl_search_args *search = calloc(1, sizeof(*search));
    assert_non_null(search);
    search->key = (struct btrfs_ioctl_search_key){.tree_id = 1, .max_objectid = UINT64_MAX, .nr_items = UINT32_MAX};
    struct btrfs_ioctl_search_header item = {.objectid = 256, .type = 1, .len = UINT32_MAX};
    memcpy(search->buf, &item, sizeof(item));
    world->options.verbose = true;
    world_put(world, WORLD_BASE, search, sizeof(*search));
    free(search);
    enter(world, BTRFS_IOC_TREE_SEARCH, WORLD_BASE);
    world_return(world, 0);
    world_shows(
        world,
        "ioctl(3, BTRFS_IOC_TREE_SEARCH, {key={tree_id=BTRFS_ROOT_TREE_OBJECTID, min_objectid=0, "
        "max_objectid=UINT64_MAX, min_offset=0, max_offset=0, min_transid=0, max_transid=0, "
        "min_type=0, max_type=0, nr_items=4294967295}} => {key={nr_items=4294967295}, "
        "buf=[{transid=0, objectid=BTRFS_FIRST_FREE_OBJECTID, offset=0, type=BTRFS_INODE_ITEM_KEY, len=4294967295}, "
        "...]}) = 0");
}

static void test_long_structure_in_and_out(void **state) {
    struct decoding_world *world = *state;
    struct btrfs_ioctl_vol_args_v2 *volume = calloc(1, sizeof(*volume));
    assert_non_null(volume);
    volume->fd = 4;
    strcpy(volume->name, "snapshot");
    world_put(world, WORLD_BASE, volume, sizeof(*volume));
    enter(world, BTRFS_IOC_SNAP_CREATE_V2, WORLD_BASE);
    volume->transid = 12;
    world_put(world, WORLD_BASE, volume, sizeof(*volume));
    world_return(world, 0);
    free(volume);
    world_shows(world, "ioctl(3, BTRFS_IOC_SNAP_CREATE_V2, {fd=4, flags=0, name=\"snapshot\"} => {transid=12}) = 0");
}

static void test_environment(void **state) {
    struct decoding_world *world = *state;
    struct tee_ioctl_buf_data buffer = {.buf_ptr = WORLD_OTHER, .buf_len = sizeof(struct tee_ioctl_invoke_arg)};
    struct tee_ioctl_invoke_arg call = {.func = 1, .session = 2, .cancel_id = 3};
    world_put(world, WORLD_BASE, &buffer, sizeof(buffer));
    world_put(world, WORLD_OTHER, &call, sizeof(call));
    enter(world, TEE_IOC_INVOKE, WORLD_BASE);
    call.ret = 5;
    world_put(world, WORLD_OTHER, &call, sizeof(call));
    world_return(world, 0);
    world_shows(world, "ioctl(3, TEE_IOC_INVOKE, {buf_len=24, buf_ptr={func=1, session=0x2, cancel_id=3, "
                       "num_params=0, params=NULL} => {ret=5, ret_origin=0 /* TEEC_ORIGIN_??? */, params=NULL}}) = 0");
    call.num_params = UINT32_MAX;
    world_put(world, WORLD_OTHER, &call, sizeof(call));
    enter(world, TEE_IOC_INVOKE, WORLD_BASE);
    world_return(world, -EINVAL);
    world_shows(world, "ioctl(3, TEE_IOC_INVOKE, {buf_len=24, buf_ptr=0x50000}) = -1 EINVAL (Invalid argument)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_termios),
        WORLD_TEST(test_odd_memory),
        WORLD_TEST(test_dedupe),
        WORLD_TEST(test_dedupe_at_the_end),
        WORLD_TEST(test_loop_of_i386),
        WORLD_TEST(test_scsi),
        WORLD_TEST(test_mapper_in_a_circle),
        WORLD_TEST(test_bits_of_events),
        WORLD_TEST(test_video_of_both_layouts),
        WORLD_TEST(test_created_buffers),
        WORLD_TEST(test_search_without_end),
        WORLD_TEST(test_long_structure_in_and_out),
        WORLD_TEST(test_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
