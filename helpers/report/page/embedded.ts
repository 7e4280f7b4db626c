/**
 * JSON that is safe in a `<script>` element: what ends such an element, or begins a comment in it,
 * is written as JSON's own escape (HTML, section 4.12.1.3, “Restrictions for contents of script
 * elements”), and so is all that is not ASCII, lone surrogates included: no log line can become
 * markup or spoil the file's encoding.
 */
export function embeddedJson(data: unknown): string {
  return JSON.stringify(data).replaceAll(
    /[<>&\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
