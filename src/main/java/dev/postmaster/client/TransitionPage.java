package dev.postmaster.client;

import dev.postmaster.Transition;
import dev.postmaster.TransitionLog.Gap;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of a journal. A gap comes before the transitions.
 *
 * @param next where to read on
 */
public record TransitionPage(List<Transition> transitions, FeedPosition next, Optional<Gap> gap) {}
