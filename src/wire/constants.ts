/** The ESP wire format's constants. All integers are big-endian. */

/** Most bytes after a frame's or fragment's length. */
export const FRAME_MAX = 16380;

/** A body has at least its attribute count (u8) and its message id (u32). */
export const BODY_MIN = 5;

/** Longest key: its length is a u16. */
export const KEY_MAX = 0xffff;

/** Longest value, and longest short list, with a u16 length. */
export const SHORT_MAX = 0xffff;

/** Attributes of a message, in the order in which they are written. */
export const Attribute = { ReferenceId: 0, UserData: 2, Request: 1 } as const;

/** How an attribute's value is written: `i` int32, `b` short list, `B` long list. */
export const AttributeType = { Int: 0x69, ShortList: 0x62, LongList: 0x42 } as const;

/** Types of list entries. */
export const EntryCode = { String: 0, Int: 1, Binary: 2, List: 3, Utf16: 4 } as const;

/** Set on an entry's type in a long list where its length is a u32. */
export const LARGE = 0x80;

/** What a frame of 28 bytes holds before the u32 length of a body that needs more than one frame. */
export const PACKET_EXTENSION = Buffer.from('$PACKET EXTENSION V1.00$', 'latin1');

/** u32 28, the 24 bytes of the marker, u32 total length. */
export const EXTENSION_HEADER = 4 + PACKET_EXTENSION.length + 4;
