; SGL's task pick_and_place: a thing goes into or onto another. Goal: (contain THING PLACE).
; Actions and predicates after "Symbolic Goal Learning in a Hybrid, Modular Framework for Human
; Instruction Following" (Xu et al. 2022); `free` is the one hand, or a thing in nobody's hand.
(define (domain pick_and_place)
  (:requirements :strips)
  (:predicates
    (graspable ?o) (containable ?o) (carry ?o) (contain ?o ?place) (free))
  (:action pickup
    :parameters (?o)
    :precondition (and (graspable ?o) (free))
    :effect (and (carry ?o) (not (free))))
  (:action place
    :parameters (?o ?place)
    :precondition (and (carry ?o) (containable ?place))
    :effect (and (contain ?o ?place) (free) (not (carry ?o)))))
