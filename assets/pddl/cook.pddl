; SGL's task cook: a thing is put into an appliance, which is closed if it opens, and toggled on.
; Goal: (cook THING APPLIANCE). A slice (`sliced`) goes only where slices can be.
(define (domain cook)
  (:requirements :strips :negative-preconditions :disjunctive-preconditions)
  (:predicates
    (graspable ?o) (sliced ?o) (slice_containable ?place) (open_containable ?place)
    (openable ?place) (closeable ?place) (opened ?place) (closed ?place) (toggleable ?place)
    (carry ?o) (contain ?o ?place) (cook ?o ?place) (free))
  (:action pickup
    :parameters (?o)
    :precondition (and (graspable ?o) (free))
    :effect (and (carry ?o) (not (free))))
  (:action open
    :parameters (?place)
    :precondition (and (openable ?place) (closed ?place))
    :effect (and (opened ?place) (not (closed ?place))))
  (:action dropoff
    :parameters (?o ?place)
    :precondition (and (carry ?o)
      (or (and (open_containable ?place) (opened ?place))
          (and (slice_containable ?place) (sliced ?o))))
    :effect (and (contain ?o ?place) (free) (not (carry ?o))))
  (:action close
    :parameters (?place)
    :precondition (and (closeable ?place) (opened ?place))
    :effect (and (closed ?place) (not (opened ?place))))
  (:action toggle
    :parameters (?place ?o)
    :precondition (and (toggleable ?place) (contain ?o ?place) (not (opened ?place)))
    :effect (cook ?o ?place)))
