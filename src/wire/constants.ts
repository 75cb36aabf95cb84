/** Constants of the ESP wire format. All integers are big-endian. */

/** Maximum number of bytes after the length of a frame or fragment. */
export const FRAME_MAX = 16380;

/** The smallest body: attribute count (u8) and message id (u32). */
export const BODY_MIN = 5;

/** Maximum bytes of a key: its length is a u16. */
export const KEY_MAX = 0xffff;

/** Maximum bytes of a value, and of a short list, with a u16 length. */
export const SHORT_MAX = 0xffff;

/** Attributes of a message, in the order of writing. */
export const Attribute = { ReferenceId: 0, UserData: 2, Request: 1 } as const;

/** Types of attributes: `i` int32, `b` short list, `B` long list. */
export const AttributeType = { Int: 0x69, ShortList: 0x62, LongList: 0x42 } as const;

/** Types of list entries. */
export const EntryCode = { String: 0, Int: 1, Binary: 2, List: 3, Utf16: 4 } as const;

/** Set on the type of an entry in a long list if its length is a u32. */
export const LARGE = 0x80;

/** Marks a body that needs more than one frame: a frame of 28 bytes holds this and the total length. */
export const PACKET_EXTENSION = Buffer.from('$PACKET EXTENSION V1.00$');

/** u32 28, the 24 bytes of the marker, u32 total length. */
export const EXTENSION_HEADER = 4 + PACKET_EXTENSION.length + 4;
