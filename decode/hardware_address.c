/* SPDX-License-Identifier: MIT
 *
 * Hardware addresses of network interfaces, by the type of the interface.
 */
#include "decode_network.h"

#include <linux/if_arp.h>

static size_t hardware_size(uint32_t type) {
    switch (type) {
    case ARPHRD_ARCNET:
    case ARPHRD_LOCALTLK:
    case ARPHRD_PHONET:
    case ARPHRD_PHONET_PIPE:
    case ARPHRD_CAIF:
    case 290: /* ARPHRD_MCTP, since Linux 5.15 */
        return 1;
    case ARPHRD_DLCI:
        return 2;
    case ARPHRD_TUNNEL:
    case ARPHRD_SIT:
    case ARPHRD_IPDDP:
    case ARPHRD_IPGRE:
    case ARPHRD_PIMREG:
    case ARPHRD_IRDA:
        return 4;
    case ARPHRD_ROSE:
    case ARPHRD_X25:
        return 5;
    case ARPHRD_ETHER:
    case ARPHRD_IEEE802:
    case ARPHRD_LOOPBACK:
    case ARPHRD_FDDI:
    case ARPHRD_HIPPI:
    case ARPHRD_IEEE80211:
    case ARPHRD_IEEE80211_PRISM:
    case ARPHRD_IEEE80211_RADIOTAP:
        return 6;
    case ARPHRD_NETROM:
    case ARPHRD_AX25:
        return 7;
    case ARPHRD_EUI64:
    case ARPHRD_IEEE802154:
    case ARPHRD_IEEE802154_MONITOR:
    case ARPHRD_6LOWPAN:
    case ARPHRD_VSOCKMON:
        return 8;
    default:
        return SIZE_MAX;
    }
}

void show_hardware_address(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size,
                           uint32_t type) {
    size_t most = hardware_size(type);
    show_mac(decoding, name, bytes, size < most ? size : most);
}
