/** Third Party Server: what an ESP server of one's own is configured as. */
export const USUAL_TYPE = 23;
