package io.natator.collector.dns;

/**
 * The characters that are allowed in DNS names: those of host and service names. Other characters could deceive a
 * person who reads a name.
 */
final class NameCharacters {
    private NameCharacters() {}

    /**
     * Returns the character in lower case.
     *
     * @throws MalformedMessageException if it is not a letter from A to Z, a digit, '-' or '_'
     */
    static char lowerCase(int character) throws MalformedMessageException {
        if (character >= 'A' && character <= 'Z') {
            return (char) (character + 'a' - 'A');
        }
        if ((character >= 'a' && character <= 'z')
                || (character >= '0' && character <= '9')
                || character == '-'
                || character == '_') {
            return (char) character;
        }
        throw new MalformedMessageException("name with a character that host names do not have");
    }
}
