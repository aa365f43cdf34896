using Graph.Generator.Dims;
using Graph.Generator.Ir;
using Graph.Generator.Reading;
using Graph.Generator.Specs;

namespace Graph.Generator.Passes;

/// <summary>One operator node: wires its operands, matches the rule's dims, and adds its forward instructions.</summary>
internal static class PlaceOperator
{
    public static void Run(BuildGraph builder, NodeSpec node, Scope scope, string? previous, OperatorSpec op)
    {
        CheckArguments(node, scope, op);
        var wires = Wiring.Inputs(node, previous, op);
        var names = wires.Select(w => w.Node).ToList();
        var operands = wires.Select(w => scope.Find(node, w)).ToList();
        var tokenAxis = node.Text("axis") is { } axis && scope.Text(axis) == "t";
        var bindings = Arguments(node, scope, op);
        Match(node, scope, op, operands, bindings, tokenAxis);

        var outputs = op.Outputs.Select((o, i) => Result(node, scope, o, i == 0 ? node.Name : node.Name + "." + o.Name, op, operands[0], bindings, tokenAxis)).ToList();
        var saves = op.Saves.Select(s => Result(node, scope, s, node.Name + "." + s.Name, op, operands[0], bindings, tokenAxis)).ToList();
        var parameters = op.Parameters.ToDictionary(p => p.Name, p => builder.Parameter(
            scope.Parameter(Join(node.Text("name") ?? node.Name, p.Name)),
            [.. p.Dims.Select(d => Substitute(node, scope, d, bindings))],
            p.Init,
            Substitute(node, scope, p.FanIn, bindings)));

        switch (op.Archetype)
        {
            case Archetype.Tile:
                Tile(builder, node, scope, op, names, operands, outputs, saves, parameters, bindings);
                break;
            case Archetype.Contraction:
                var product = New(InstrKind.MatMul, node, scope, op, bindings, parameters);
                product.TokenAxis = tokenAxis;
                parameters.Values.First().Packed |= !tokenAxis;
                builder.Emit(product.Reading("x", operands[0], Local(names[0])).Writing("y", outputs[0]));
                break;
            case Archetype.Row:
                var row = New(InstrKind.Row, node, scope, op, bindings, parameters);
                row.TokenAxis = tokenAxis;
                var statistic = Statistic(scope.Identifier(node.Name) + "_s", outputs[0], tokenAxis);
                statistic.ShortName = node.Name + "_s";
                builder.Emit(row.Reading("x", operands[0], Local(names[0])).Writing("y", outputs[0]).Writing("s", statistic));
                break;
            default:
                var pointwise = New(InstrKind.Pointwise, node, scope, op, bindings, parameters);
                for (var i = 0; i < operands.Count; i++)
                {
                    pointwise.Reading(op.Archetype == Archetype.Pointwise1 ? "x" : i == 0 ? "a" : "b", operands[i], Local(names[i]));
                }

                builder.Emit(pointwise.Writing("y", outputs[0]));
                break;
        }
    }

    /// <summary>One float per row, or per column when the reduced axis is the token axis.</summary>
    public static Value Statistic(string name, Value of, bool tokenAxis) =>
        new(name, [of.Shape[0], tokenAxis ? DimExpr.Constant(1) : of.Length, tokenAxis ? of.Width : DimExpr.Constant(1)]);

    private static string Join(string a, string b) => a.Length == 0 ? b : a + "." + b;

    private static string Local(string wired) => wired.Replace('.', '_');

    private static Instr New(InstrKind kind, NodeSpec node, Scope scope, OperatorSpec op, Dictionary<string, DimExpr> bindings, Dictionary<string, ParameterValue> parameters)
    {
        var instr = new Instr(kind, scope.Identifier(node.Name), node.Name, scope.Block) { Operator = op, Node = Resolve(node, scope), Bindings = bindings };
        foreach (var parameter in parameters)
        {
            instr.Parameters[parameter.Key] = parameter.Value;
        }

        return instr;
    }

    /// <summary>What the operator's constructor and launches take as numbers must have been given as numbers.</summary>
    private static void CheckArguments(NodeSpec node, Scope scope, OperatorSpec op)
    {
        var resolved = Resolve(node, scope);
        foreach (var parameter in op.Constructor.Concat(op.Launches.SelectMany(l => l.Parameters).Where(p => p.Type is "float" or "double")))
        {
            var text = resolved.Text(parameter.Name);
            var accepted = text is not null
                && (parameter.Type == "bool" || double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _));
            if (!accepted)
            {
                throw new CompileException(Problem.Of("GRAPH024", $"{scope.Place(node)}:{parameter.Name}", text ?? "", parameter.Name));
            }
        }
    }

    /// <summary>Numeric arguments that a composite passes on by name become numbers here.</summary>
    private static NodeSpec Resolve(NodeSpec node, Scope scope) =>
        node with { Arguments = Support.EquatableArray.ToEquatable(node.Arguments.Select(a => a.IsString ? a with { Value = scope.Text(a.Value) } : a)) };

    /// <summary>Arguments that name dims or integers of the operator.</summary>
    private static Dictionary<string, DimExpr> Arguments(NodeSpec node, Scope scope, OperatorSpec op)
    {
        var bindings = new Dictionary<string, DimExpr>();
        foreach (var argument in node.Arguments)
        {
            if (BuildGraph.IsReserved(argument.Name) || op.Inputs.Any(i => i.Name == argument.Name))
            {
                continue;
            }

            if (op.Constructor.Any(c => c.Name == argument.Name))
            {
                continue;
            }

            var name = op.Archetype == Archetype.Contraction && argument.Name == "outputs" ? "o" : argument.Name;
            if (argument.IsString || argument.Value.All(char.IsDigit))
            {
                bindings[name] = scope.Dim(node, argument.Name);
            }
            else if (argument.Name == "direction")
            {
                bindings[name] = DimExpr.Constant(argument.Value == "Backward" ? -1 : 1);
            }
        }

        return bindings;
    }

    private static void Match(NodeSpec node, Scope scope, OperatorSpec op, List<Value> operands, Dictionary<string, DimExpr> bindings, bool tokenAxis)
    {
        var expected = op.Inputs.Count(i => !op.Parameters.Any(p => p.Name == i.Name));
        if (operands.Count != expected)
        {
            throw new CompileException(Problem.Of("GRAPH022", scope.Place(node), op.Name, Number(expected), Number(operands.Count)));
        }

        if (op.Archetype == Archetype.Contraction)
        {
            bindings["i"] = tokenAxis ? operands[0].Length : operands[0].Width;
            if (!bindings.ContainsKey("o"))
            {
                throw new CompileException(Problem.Of("GRAPH024", scope.Place(node) + ":outputs", "", "outputs"));
            }

            return;
        }

        for (var i = 0; i < operands.Count; i++)
        {
            if (!DimMatcher.Match([.. op.Inputs[i].Dims], operands[i].Shape, bindings, out _))
            {
                throw new CompileException(Problem.Of(
                    "GRAPH042", scope.Place(node), node.Name, $"{op.Inputs[i].Name}: {string.Join(" ", op.Inputs[i].Dims)}{Known(op.Inputs[i], bindings)}", string.Join(" ", operands[i].Shape)));
            }
        }

        if (op.Archetype == Archetype.Pointwise2 && operands.Count == 2 && !operands[0].Shape.SequenceEqual(operands[1].Shape))
        {
            throw new CompileException(Problem.Of("GRAPH042", scope.Place(node), node.Name, string.Join(" ", operands[0].Shape), string.Join(" ", operands[1].Shape)));
        }
    }

    /// <summary>What the rule's names stand for, so that the message can be read without the operator's source.</summary>
    private static string Known(OperandSpec operand, Dictionary<string, DimExpr> bindings)
    {
        var known = bindings.Where(b => operand.Dims.Any(d => d.Contains(b.Key)) && b.Key != b.Value.ToString()).Select(b => $"{b.Key} = {b.Value}").ToList();
        return known.Count == 0 ? "" : " with " + string.Join(", ", known);
    }

    private static Value Result(NodeSpec node, Scope scope, OperandSpec result, string name, OperatorSpec op, Value first, Dictionary<string, DimExpr> bindings, bool tokenAxis)
    {
        List<DimExpr> shape;
        if (op.Archetype == Archetype.Tile)
        {
            shape = [.. result.Dims.Select(d => Substitute(node, scope, d, bindings))];
        }
        else
        {
            shape = [.. first.Shape];
            if (op.Archetype == Archetype.Contraction)
            {
                shape[shape.Count - (tokenAxis ? 2 : 1)] = bindings["o"];
            }
        }

        var value = new Value(scope.Identifier(name).Replace('.', '_'), shape) { ShortName = name.Replace('.', '_') };
        scope.Values[name] = value;
        return value;
    }

    private static DimExpr Substitute(NodeSpec node, Scope scope, string text, Dictionary<string, DimExpr> bindings)
    {
        if (!DimParser.Parse(text, out var parsed, out var column))
        {
            throw new CompileException(Problem.Of("GRAPH040", scope.Place(node), text, Number(column)));
        }

        return parsed.Substitute(bindings);
    }

    private static void Tile(
        BuildGraph builder,
        NodeSpec node,
        Scope scope,
        OperatorSpec op,
        IReadOnlyList<string> names,
        List<Value> operands,
        List<Value> outputs,
        List<Value> saves,
        Dictionary<string, ParameterValue> parameters,
        Dictionary<string, DimExpr> bindings)
    {
        foreach (var launch in op.Launches.Where(l => !l.Backward).OrderBy(l => l.Order))
        {
            var instr = New(InstrKind.Tile, node, scope, op, bindings, parameters);
            instr.Launch = launch;
            foreach (var parameter in launch.Parameters.Where(p => p.Type is "Ref" or "IntRef"))
            {
                var input = op.Inputs.ToList().FindIndex(i => i.Name == parameter.Name);
                var output = op.Outputs.ToList().FindIndex(o => o.Name == parameter.Name);
                var save = op.Saves.ToList().FindIndex(s => s.Name == parameter.Name);
                if (input >= 0)
                {
                    instr.Reading(parameter.Name, operands[input], Local(names[input]));
                }
                else if (output >= 0)
                {
                    instr.Writing(parameter.Name, outputs[output]);
                }
                else if (save >= 0)
                {
                    instr.Writing(parameter.Name, saves[save]);
                }
            }

            builder.Emit(instr);
        }
    }

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
