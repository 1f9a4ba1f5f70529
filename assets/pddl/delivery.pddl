; SGL's task delivery: a thing goes to a person or a place. Goal: (contain THING RECEIVER), where the
; receiver is `hand` for a person.
(define (domain delivery)
  (:requirements :strips)
  (:predicates
    (graspable ?o) (containable ?o) (carry ?o) (contain ?o ?receiver) (free))
  (:action pickup
    :parameters (?o)
    :precondition (and (graspable ?o) (free))
    :effect (and (carry ?o) (not (free))))
  (:action delivery
    :parameters (?o ?receiver)
    :precondition (and (carry ?o) (containable ?receiver))
    :effect (and (contain ?o ?receiver) (free) (not (carry ?o)))))
