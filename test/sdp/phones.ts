/** Session descriptions as real clients write them, each with the habits that make it worth testing. */

export function lines(...each: string[]): string {
  return `${each.join('\r\n')}\r\n`
}

/** The lines before the first m-line. */
export function head(address = '192.0.2.1', session = '1 1'): string[] {
  const type = address.includes(':') ? 'IP6' : 'IP4'
  return ['v=0', `o=- ${session} IN ${type} ${address}`, 's=-', `c=IN ${type} ${address}`, 't=0 0']
}

/** a=rtcp always, telephone-event last, label and ssrc. */
export const baresip = lines(
  'v=0',
  'o=- 3912345678 1182343211 IN IP4 192.168.1.10',
  's=-',
  'c=IN IP4 192.168.1.10',
  't=0 0',
  'a=tool:baresip 1.0.0',
  'm=audio 10018 RTP/AVP 96 9 0 8 101',
  'b=AS:125',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 stereo=1;sprop-stereo=1',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=rtcp:10019',
  'a=sendrecv',
  'a=label:1',
  'a=rtcp-rsize',
  'a=ssrc:2350172231 cname:sip:alice@192.168.1.10',
  'a=ptime:20',
)

/** Static types without rtpmap, telephone-event at two clock rates, video, a name in s=, rtcp-xr and rtcp-fb. */
export const linphone = lines(
  'v=0',
  'o=bob 3297 2463 IN IP4 192.168.1.20',
  's=Talk',
  'c=IN IP4 192.168.1.20',
  't=0 0',
  'a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics',
  'm=audio 7078 RTP/AVPF 96 97 98 0 8 18 101 99',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1',
  'a=rtpmap:97 speex/16000',
  'a=fmtp:97 vbr=on',
  'a=rtpmap:98 speex/8000',
  'a=fmtp:98 vbr=on',
  'a=fmtp:18 annexb=yes',
  'a=rtpmap:101 telephone-event/48000',
  'a=rtpmap:99 telephone-event/8000',
  'a=rtcp-fb:* trr-int 1000',
  'a=rtcp-fb:* ccm tmmbr',
  'm=video 9078 RTP/AVPF 96 97',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 H264/90000',
  'a=fmtp:97 profile-level-id=42801F',
  'a=rtcp-fb:96 nack pli',
)

/** The body of SIPp's own scenarios. */
export const sipp = lines(
  'v=0',
  'o=user1 53655765 2353687637 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 6000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
)

/** Optional SRTP the desk-phone way: an SAVP line that may be refused, then the same in the clear. */
export const yealink = lines(
  'v=0',
  'o=- 20019 20019 IN IP4 10.3.5.7',
  's=SDP data',
  'c=IN IP4 10.3.5.7',
  't=0 0',
  'm=audio 11780 RTP/SAVP 0 8 18 9 101',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=sendrecv',
  'm=audio 11782 RTP/AVP 0 8 18 9 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:18 G729/8000',
  'a=fmtp:18 annexb=no',
  'a=rtpmap:9 G722/8000',
  'a=fmtp:101 0-15',
  'a=rtpmap:101 telephone-event/8000',
  'a=ptime:20',
  'a=sendrecv',
)

/** Direction before the m-line, G.729 spelt its own way, trailing space on the m-line, LF alone, NUL at the end. */
export const cisco = `${[
  'v=0',
  'o=Cisco-SIPUA 24501 0 IN IP4 10.10.1.30',
  's=SIP Call',
  't=0 0',
  'a=sendrecv',
  'm=audio 16548 RTP/AVP 0 8 18 102 101 ',
  'c=IN IP4 10.10.1.30',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:18 G729a/8000',
  'a=rtpmap:102 L16/16000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
].join('\n')}\n\0`

/** A browser: DTLS-SRTP, which a plain RTP leg can't speak. */
export const chrome = lines(
  'v=0',
  'o=- 6487371386765808549 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS 3a1c',
  'm=audio 54609 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126',
  'c=IN IP4 203.0.113.111',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=candidate:36711831 1 udp 2122260223 192.168.1.33 54609 typ host generation 0 network-id 1',
  'a=ice-ufrag:Vm0H',
  'a=ice-pwd:u+ybMAbYtn7yU6ypiLCYOwYL',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 5A:0B:4C:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD',
  'a=setup:actpass',
  'a=mid:0',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:13 CN/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
  'a=ssrc:2566107569 cname:t9YU8M1UxTF8Y1A1',
)

/** A video room system: two bit rates of one codec, BFCP, a fmt that is no number, port 0 nowhere. */
export const roomSystem = lines(
  'v=0',
  'o=room 11 1 IN IP6 2001:DB8:0:0::5',
  's=-',
  'c=IN IP6 2001:DB8:0:0::5',
  't=0 0',
  'm=audio 30000 RTP/AVP 101 102 9 97',
  'a=rtpmap:101 G7221/16000',
  'a=fmtp:101 bitrate=24000',
  'a=rtpmap:102 G7221/16000',
  'a=fmtp:102 bitrate=32000',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:97 telephone-event/8000',
  'a=fmtp:97 0-11',
  'm=application 30090 UDP/BFCP *',
  'a=floorctrl:s-only',
  'a=fmtp:* none-of-our-business',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=fmtp:webrtc-datachannel max-message-size=100000',
)
