using Graph.Generator.Dims;
using Graph.Generator.Specs;
using Graph.Generator.Support;
using Microsoft.CodeAnalysis;

namespace Graph.Generator.Reading;

/// <summary>An operator struct -> <see cref="OperatorSpec"/>, from its attributes and signatures; bodies are never read.</summary>
internal static class OperatorReader
{
    public static OperatorSpec? Read(INamedTypeSymbol type, List<Problem> problems, string place)
    {
        var archetypes = type.AllInterfaces.Select(i => i.Name switch
        {
            "IPointwise1" => (Archetype?)Archetype.Pointwise1,
            "IPointwise2" => Archetype.Pointwise2,
            "IRowOperator" => Archetype.Row,
            "IContraction" => Archetype.Contraction,
            "ITileOperator" => Archetype.Tile,
            _ => null,
        }).Where(a => a is not null).ToList();
        if (archetypes.Count != 1)
        {
            problems.Add(Problem.Of("GRAPH060", place, type.Name, archetypes.Count == 0 ? "no archetype interface" : "more than one archetype interface"));
            return null;
        }

        if (!type.IsUnmanagedType || !type.IsReadOnly)
        {
            problems.Add(Problem.Of("GRAPH066", place, type.Name));
            return null;
        }

        var attributes = type.GetAttributes();
        var rule = attributes.Where(a => a.AttributeClass is { Name: "OperatorAttribute", Arity: 0 }).Select(a => AttributeValues.Text(a, "rule")).FirstOrDefault();
        if (rule is null || Rule(rule) is not { } parsed)
        {
            problems.Add(Problem.Of("GRAPH040", place, rule ?? "", "1"));
            return null;
        }

        var (inputs, outputs) = parsed;
        var reads = attributes.Where(a => a.AttributeClass?.Name == "BackwardReadsAttribute").SelectMany(AttributeValues.Strings).ToList();
        var declared = attributes.Any(a => a.AttributeClass?.Name == "BackwardReadsAttribute");
        var spec = new OperatorSpec(
            type.ToDisplayString(),
            type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            type.Name,
            archetypes[0]!.Value,
            inputs.ToEquatable(),
            outputs.ToEquatable(),
            attributes.Where(a => a.AttributeClass?.Name == "ParameterAttribute").Select(Parameter).ToEquatable(),
            Operands(attributes, "SavesAttribute"),
            Operands(attributes, "ScratchAttribute"),
            (declared ? reads : DefaultReads(archetypes[0]!.Value)).ToEquatable(),
            Constructor(type),
            Launches(type),
            attributes.Where(a => a.AttributeClass?.Name == "CostAttribute").Select(a => AttributeValues.Text(a, "flops")).FirstOrDefault() ?? "");
        CheckLaunches(spec, problems, place);
        return spec;
    }

    private static List<string> DefaultReads(Archetype archetype) => archetype switch
    {
        Archetype.Pointwise2 => ["a", "b"],
        Archetype.Pointwise1 or Archetype.Row => ["x"],
        _ => [],
    };

    /// <summary>"x: b t c, w: c -> y: b t c".</summary>
    private static (List<OperandSpec> Inputs, List<OperandSpec> Outputs)? Rule(string rule)
    {
        var sides = rule.Split(["->"], StringSplitOptions.None);
        if (sides.Length != 2)
        {
            return null;
        }

        var parsed = sides.Select(side => side.Split(',').Select(Operand).ToList()).ToList();
        return parsed.Any(side => side.Any(o => o is null)) ? null : (parsed[0].Select(o => o!).ToList(), parsed[1].Select(o => o!).ToList());
    }

    private static OperandSpec? Operand(string text)
    {
        var colon = text.IndexOf(':');
        return colon < 0 ? null : new OperandSpec(text.Substring(0, colon).Trim(), DimParser.Split(text.Substring(colon + 1).Trim()).Select(d => d.Text).ToEquatable());
    }

    private static EquatableArray<OperandSpec> Operands(IEnumerable<AttributeData> attributes, string name) =>
        attributes.Where(a => a.AttributeClass?.Name == name).Select(a => Operand(AttributeValues.Text(a, "shape") ?? "")).OfType<OperandSpec>().ToEquatable();

    private static ParameterSpec Parameter(AttributeData attribute)
    {
        var operand = Operand(AttributeValues.Text(attribute, "shape") ?? "") ?? new OperandSpec("", EquatableArray<string>.Empty);
        return new ParameterSpec(operand.Name, operand.Dims, AttributeValues.Text(attribute, "init") ?? "Zeros", AttributeValues.Text(attribute, "fanIn") ?? "1");
    }

    private static EquatableArray<SignatureParameter> Constructor(INamedTypeSymbol type)
    {
        var constructor = type.InstanceConstructors.Where(c => c.DeclaredAccessibility == Accessibility.Public).OrderByDescending(c => c.Parameters.Length).FirstOrDefault();
        return (constructor?.Parameters ?? []).Select(p => new SignatureParameter(p.Name, p.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat))).ToEquatable();
    }

    private static EquatableArray<LaunchSpec> Launches(INamedTypeSymbol type) => type.GetMembers().OfType<IMethodSymbol>()
        .Select(method => (Method: method, Attribute: method.GetAttributes().FirstOrDefault(a => a.AttributeClass?.Name == "LaunchAttribute")))
        .Where(m => m.Attribute is not null)
        .Select(m => new LaunchSpec(
            m.Method.Name,
            AttributeValues.Text(m.Attribute!, "pass") == "Backward",
            AttributeValues.Text(m.Attribute!, "units") ?? "1",
            int.Parse(AttributeValues.Text(m.Attribute!, "order") ?? "0", System.Globalization.CultureInfo.InvariantCulture),
            AttributeValues.Text(m.Attribute!, "barrier") == "true",
            m.Attribute!.NamedArguments.Any(a => a.Key == "Gpu" && a.Value.Value is true),
            Named(m.Attribute!, "TakesProduct"),
            Named(m.Attribute!, "Bfloat16").Split([' '], StringSplitOptions.RemoveEmptyEntries).ToEquatable(),
            m.Method.Parameters.Select(p => new SignatureParameter(p.Name, p.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat))).ToEquatable()))
        .ToEquatable();

    private static string Named(AttributeData attribute, string name) => attribute.NamedArguments.FirstOrDefault(a => a.Key == name).Value.Value as string ?? "";

    /// <summary>What a launch may get as bfloat16 must be among its pointers. Pointers must be operands, saved values, scratch or parameters of the rule, or gradients of them.</summary>
    private static void CheckLaunches(OperatorSpec spec, List<Problem> problems, string place)
    {
        var known = spec.Inputs.Concat(spec.Outputs).Concat(spec.Saves).Concat(spec.Scratch).Select(o => o.Name).Concat(spec.Parameters.Select(p => p.Name)).ToList();
        foreach (var launch in spec.Launches)
        {
            foreach (var parameter in launch.Parameters.Where(p => p.Type is "Ref" or "IntRef"))
            {
                if (!known.Contains(parameter.Name) && !(parameter.Name.StartsWith("d", StringComparison.Ordinal) && known.Contains(parameter.Name.Substring(1))))
                {
                    problems.Add(Problem.Of("GRAPH062", place, spec.Name, launch.Method, parameter.Name));
                }
            }

            foreach (var name in launch.Bfloat16.Where(name => !launch.Parameters.Any(p => p.Name == name && p.Type == "Ref")))
            {
                problems.Add(Problem.Of("GRAPH064", place, spec.Name, launch.Method, name));
            }
        }
    }
}
