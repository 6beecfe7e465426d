/** The file cannot be read; the message says where and what to do. */
export class FileError extends Error {}
