/**
 * How much of anything one message may hold. Far above what phones and providers send, and low enough that the work a
 * peer can cause with one message stays well under a millisecond. What goes beyond is malformed.
 */

/** Octets of a whole message; also the most that fits a UDP datagram. Beyond: 513. */
export const maxMessageOctets = 65_536

/** Octets from the start line to the empty line. Beyond: 513. */
export const maxHeadOctets = 32_768

/** Header fields. Beyond: 400. */
export const maxFields = 256

/** Octets of one header value, unfolded. Beyond: 400. */
export const maxValueOctets = 8_192

/** Octets of one URI. A longer Request-URI: 414; elsewhere 400. */
export const maxUriOctets = 2_048

/** Parameters of one header value or URI, and headers inside a URI. Beyond: 400. */
export const maxParams = 64

/** Via values: RFC 3261 gives a request 70 hops. Beyond: 400. */
export const maxVias = 71

/** Values in one Contact, Route, Record-Route or Path set. Beyond: 400. */
export const maxAddresses = 64
