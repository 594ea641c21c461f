/** Reads options from the command line and the environment. Used by the commands of all services. */
@NullMarked
package io.natator.http.command;

import org.jspecify.annotations.NullMarked;
