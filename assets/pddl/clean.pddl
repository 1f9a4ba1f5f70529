; SGL's task clean: a thing is put where water runs, which is toggled on. Goal: (clean THING PLACE).
(define (domain clean)
  (:requirements :strips)
  (:predicates
    (graspable ?o) (containable ?place) (toggleable ?place)
    (carry ?o) (contains ?place ?o) (clean ?o ?place) (free))
  (:action pickup
    :parameters (?o)
    :precondition (and (graspable ?o) (free))
    :effect (and (carry ?o) (not (free))))
  (:action dropoff
    :parameters (?o ?place)
    :precondition (and (carry ?o) (containable ?place))
    :effect (and (contains ?place ?o) (free) (not (carry ?o))))
  (:action toggle
    :parameters (?place ?o)
    :precondition (and (toggleable ?place) (contains ?place ?o))
    :effect (clean ?o ?place)))
