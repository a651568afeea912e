/** Stands in the bundled programs for a package that class-validator loads, whether or not a phone number is checked. */
export function parsePhoneNumber() {
  throw new Error('The bundled programs check no phone numbers.');
}
