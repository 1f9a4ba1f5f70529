; SGL's task cut: a thing is cut with a tool. Goal: (cut THING TOOL).
(define (domain cut)
  (:requirements :strips)
  (:predicates
    (cuttable ?o) (cuttool ?tool) (carry ?o) (cut ?o ?tool) (free))
  (:action pickup
    :parameters (?tool)
    :precondition (and (cuttool ?tool) (free))
    :effect (and (carry ?tool) (not (free))))
  (:action cut
    :parameters (?o ?tool)
    :precondition (and (cuttable ?o) (cuttool ?tool) (carry ?tool))
    :effect (cut ?o ?tool)))
